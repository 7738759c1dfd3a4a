import type { AwsTarget } from './aws-target';
import type { KubernetesTarget } from './kubernetes-target';

/**
 * Where a lake is deployed. Adding a vendor is a member here; the compiler then lists every component that says neither how it
 * is built there nor why it is not (`satisfies Builders`).
 */
export type Target = AwsTarget | KubernetesTarget;
export type TargetKind = Target['kind'];
