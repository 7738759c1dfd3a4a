import type { Input } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';

/** What a cluster needs before a lake: each from its own project, at a pinned release. */
export const platformParts = ['knative', 'certManager', 'cloudNativePg', 'sparkOperator'] as const;
export type PlatformPart = (typeof platformParts)[number];

export interface PlatformArgs extends KubernetesComponentArgs {
  readonly parts: readonly PlatformPart[];
  /** Domain of the cluster's Knative services. */
  readonly domain: string;
  /** Whether a broker is wanted (Knative Eventing). */
  readonly eventing: boolean;
  /** Namespaces where Spark's operator runs jobs; it needs them, and they have to be there. */
  readonly jobPlaces?: readonly Input<string>[];
  /** Origin and path that serves the releases by their file names (air gap); the projects' own addresses when absent. */
  readonly mirror?: string;
  /** Registry that serves Knative's images. */
  readonly imageRegistry?: string;
}
