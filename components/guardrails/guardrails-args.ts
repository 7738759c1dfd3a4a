import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { NetworkZone, Places } from '../network/network-args';

/** People who work with a lake, each a group of the cluster's sign-in. */
export const peopleRoles = ['platformEngineers', 'auditors', 'researchers'] as const;
export type PeopleRole = (typeof peopleRoles)[number];

export interface GuardrailsArgs extends KubernetesComponentArgs {
  /** The networks that are guarded. */
  readonly places: Places;
  /** Service accounts that may run something, by zone; a zone without any runs nothing. */
  readonly accounts: Readonly<Partial<Record<NetworkZone, readonly string[]>>>;
  /** What the references of images begin with. */
  readonly imageSources: readonly string[];
  /** People who operate the lake: the name each has in its audit, and in the cluster's sign-in. */
  readonly operators: Readonly<Record<string, string>>;
  /** Pods that people come to, by zone. */
  readonly desks: Readonly<Partial<Record<NetworkZone, string>>>;
  /** Name of the group of each role; a role without one has nobody. */
  readonly people: Readonly<Partial<Record<PeopleRole, string>>>;
}
