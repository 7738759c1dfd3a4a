import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { ObjectStoreHome } from '../function/function-args';
import { type KubernetesObjectStore, kubernetesObjectStore } from './kubernetes';
import type { ObjectStoreArgs } from './object-store-args';

/**
 * One bucket for each zone, and a login for each function. On Kubernetes the site's own S3 endpoint; or, for development,
 * versitygw on one volume. Its gaps: no encryption of its own (the volume's, and the lake's envelopes), no lifecycle, a legal
 * hold ends with the object's retention, and default retention does not expire.
 *
 * ```ts
 * new ObjectStore('object-store', { target, prefix: 'lake', place, users, manifests, logins, administrator, volume });
 * ```
 */
export class ObjectStore extends LakeComponent {
  readonly native: KubernetesObjectStore;
  readonly home: ObjectStoreHome;

  constructor(name: string, args: ObjectStoreArgs, opts?: ComponentResourceOptions) {
    super('object-store', 'ObjectStore', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.home = built.home;
    this.registerOutputs({ endpoint: this.home.endpoint, buckets: this.home.buckets });
  }
}

const builders = { kubernetes: kubernetesObjectStore } satisfies Record<TargetKind, unknown>;
