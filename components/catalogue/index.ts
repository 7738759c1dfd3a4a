import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsCatalogue } from './aws';
import { kubernetesCatalogue } from './kubernetes';

/**
 * The catalogue that query engines ask where tables are. On Kubernetes a Hive metastore, because Trino reads Delta through no
 * other; its database is one of the lake's PostgreSQL, with a role of its own.
 *
 * ```ts
 * new Catalogue('catalogue', { target, users, metastore: { kind: 'existing', host, port: 9083, reach } });
 * ```
 */
export class Catalogue<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('catalogue', 'Catalogue', builders, name, args, opts);
  }
}

const builders = { aws: awsCatalogue, kubernetes: kubernetesCatalogue } satisfies Builders;
