import type { Output } from '@pulumi/pulumi';
import type { ComponentArgs } from '../core/lake-component';
import type { Mebibytes, Millicores } from '../core/units';

/** The lake's networks. Nothing passes between them, or leaves them, but what a component declares. */
export const networkZones = ['lake', 'identity', 'keys', 'stores', 'tre', 'names', 'logs'] as const;
export type NetworkZone = (typeof networkZones)[number];

/** What the parts of one zone may ask for together. */
export interface ZoneQuota {
  readonly memory: Mebibytes;
  readonly cpu: Millicores;
  /** Pods at one time, those of a rolling update included. */
  readonly pods: number;
}

export interface NetworkArgs extends ComponentArgs {
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
