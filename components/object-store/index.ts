import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsObjectStore } from './aws';
import { kubernetesObjectStore } from './kubernetes';

/**
 * One bucket for each zone, and a login for each function. On Kubernetes the site's own S3 endpoint; or, for development,
 * versitygw on one volume. Its gaps: no encryption of its own (the volume's, and the lake's envelopes), no lifecycle, a legal
 * hold ends with the object's retention, and the retention that the bucket of the audit gives by itself does not expire (that
 * which the sealers name does), and a put with retention into a bucket without a lock is refused and kept all the same.
 *
 * ```ts
 * new ObjectStore('object-store', { target, prefix: 'lake', place, users, manifests, logins, administrator, volume });
 * ```
 */
export class ObjectStore<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('object-store', 'ObjectStore', builders, name, args, opts);
  }
}

const builders = { aws: awsObjectStore, kubernetes: kubernetesObjectStore } satisfies Builders;
