import type { KubernetesTarget } from './kubernetes-target';

/**
 * Where a lake is deployed. Adding a vendor is a member here; the compiler then lists every component that lacks a builder
 * (`satisfies Record<TargetKind, …>`).
 */
export type Target = KubernetesTarget;
export type TargetKind = Target['kind'];
