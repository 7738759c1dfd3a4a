import type { Output } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Mebibytes, Millicores } from '../core/units';

/** The lake's networks. Nothing passes between them, or leaves them, but what a component declares. */
export const networkZones = ['lake', 'identity', 'keys', 'stores', 'tre', 'names', 'logs', 'spark'] as const;
export type NetworkZone = (typeof networkZones)[number];

/** What the parts of one zone may ask for together. */
export interface ZoneQuota {
  readonly memory: Mebibytes;
  /** Of the limits of memory; twice `memory` when absent. */
  readonly memoryLimit?: Mebibytes;
  readonly cpu: Millicores;
  /** Pods at one time, those of a rolling update included. */
  readonly pods: number;
}

export interface NetworkArgs extends KubernetesComponentArgs {
  /** Begins the name of every zone's network. */
  readonly prefix: string;
  readonly zones: readonly NetworkZone[];
  readonly quotas: Readonly<Record<NetworkZone, ZoneQuota>>;
  /** A resolver of the lake's own, in the zone `names`: it answers these and forwards nothing; the cluster's when absent. */
  readonly resolver?: { readonly siteNames: SiteNames };
}

/** Addresses of the site's servers, by host name. */
export type SiteNames = Readonly<Record<string, string>>;

export type Places = Readonly<Partial<Record<NetworkZone, Output<string>>>>;

export interface NetworkResult<Native> {
  readonly native: Native;
  readonly places: Places;
  /** Address of the lake's own resolver; its pods' target names it. */
  readonly resolver?: Output<string>;
}

/** @throws RangeError for a zone these networks do not have. */
export function placeIn(places: Places, zone: NetworkZone): Output<string> {
  const place = places[zone];
  if (place === undefined) throw new RangeError(`The network has no zone ${zone}. Add it to \`zones\`.`);
  return place;
}
