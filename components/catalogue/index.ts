import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { CatalogueArgs, CatalogueHome } from './catalogue-args';
import { type KubernetesCatalogue, kubernetesCatalogue } from './kubernetes';

/**
 * The catalogue that query engines ask where tables are. On Kubernetes a Hive metastore, because Trino reads Delta through no
 * other; its database is one of the lake's PostgreSQL, with a role of its own.
 *
 * ```ts
 * new Catalogue('catalogue', { target, prefix: 'lake', place, users, state, administrator, password, objectStore, login });
 * ```
 */
export class Catalogue extends LakeComponent {
  readonly native: KubernetesCatalogue;
  readonly home: CatalogueHome;

  constructor(name: string, args: CatalogueArgs, opts?: ComponentResourceOptions) {
    super('catalogue', 'Catalogue', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.home = built.home;
    this.registerOutputs({ address: this.home.address });
  }
}

const builders = { kubernetes: kubernetesCatalogue } satisfies Record<TargetKind, unknown>;
