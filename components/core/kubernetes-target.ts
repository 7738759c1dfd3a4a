import type { Provider } from '@pulumi/kubernetes';
import type { Output } from '@pulumi/pulumi';
import type { Images } from './kubernetes-images';

/** A cluster, as a value: components take it, none looks anything up from global configuration. */
export interface KubernetesTarget {
  readonly kind: 'kubernetes';
  readonly provider: Provider;
  /** Stands on everything, as `app.kubernetes.io/instance`: two lakes in one cluster stay apart. */
  readonly instance: string;
  readonly images: Images;
  /** What the references of images that may run begin with. */
  readonly imageSources: readonly string[];
  /** Storage class of the volumes; without one the cluster's default. */
  readonly storageClass: string | undefined;
  /** Address of the resolver that the lake's pods ask; the cluster's own when absent. */
  readonly resolver?: Output<string>;
  /** Where pods reach the API server (only those that need it may): CIDR ranges. */
  readonly apiServerCidrs: readonly string[];
}
