import type { Input, Output } from '@pulumi/pulumi';
import type { PortBindings } from '../../adapters/bindings';
import type { Manifest, Zone } from '../../functions/manifest';
import type { DatabaseName } from '../../functions/state-store';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Size } from '../core/kubernetes-pods';

type BindingOf<Port extends keyof PortBindings, Kind extends string> = Extract<
  PortBindings[Port],
  { readonly kind: Kind }
>;

/** Where the zones' buckets are. */
export interface ObjectStoreHome extends Pick<BindingOf<'objectStore', 's3'>, 'region' | 'forcePathStyle'> {
  readonly endpoint: Input<string>;
  readonly buckets: Readonly<Record<Zone, string>>;
  /** Days for which nobody can delete an audit record; the bucket has Object Lock then. */
  readonly auditLockDays?: number;
}

/** Where the databases are. */
export interface StateHome {
  readonly host: Input<string>;
  readonly port: number;
  readonly databases: Readonly<Record<DatabaseName, string>>;
  /** PEM of the authority that signed the server's certificate; without it the connection is not encrypted. */
  readonly ca?: Input<string>;
}

/** Where the keys are. */
export interface KeyHome {
  readonly address: Input<string>;
  /** Mount of the transit engine; begins the name of every function's login role. */
  readonly mount: string;
}

/** Where events go: the sink of each topic, a CloudEvents endpoint over HTTP. */
export type EventSinks = Readonly<Record<string, Input<string>>>;

/** Everything a binding can lead to. */
export interface LakeHomes {
  readonly sinks: EventSinks;
  readonly objectStore: ObjectStoreHome;
  readonly state: StateHome;
  readonly keys: KeyHome;
  /** A Hive metastore; without one the catalogue is in the state database. */
  readonly catalogue?: { readonly host: Input<string>; readonly port: number };
  /** Origins of the functions that others ask, by their names. */
  readonly functions: Readonly<Record<string, Input<string>>>;
}

/** What one function logs in with; each its own. */
export interface FunctionCredentials {
  /** Of its role in PostgreSQL. */
  readonly statePassword?: Input<string>;
  /** Of the object store. */
  readonly accessKeyId?: Input<string>;
  readonly secretAccessKey?: Input<string>;
}

/** How a function is run. */
export type Scaling =
  /** Answers requests and events; between these numbers of pods, by load. `fewest` 0: none while idle. */
  | { readonly kind: 'requests'; readonly fewest: number; readonly most: number }
  /** Works at a beat of its own in one pod. */
  | { readonly kind: 'beat' }
  /** A pod for each tick of the schedule its manifest names, by the clocks of London. */
  | { readonly kind: 'schedule' }
  /** Answers people who operate the lake: one pod of a fixed name, which no route and no network policy leads to. */
  | { readonly kind: 'desk' };

export interface FunctionArgs extends KubernetesComponentArgs {
  readonly manifest: Manifest;
  /** The namespace. */
  readonly place: Input<string>;
  readonly homes: LakeHomes;
  readonly credentials: FunctionCredentials;
  readonly size: Size;
  readonly scaling: Scaling;
  /** Whether the gateway serves it to senders outside the cluster. @default false */
  readonly exposed?: boolean;
  /** Whether it calls other functions of the lake. @default false */
  readonly callsFunctions?: boolean;
  /** Whether it fetches the keys of an issuer outside the lake. @default false */
  readonly takesForeignTokens?: boolean;
  /** Variables besides the binding, as the host reads them. */
  readonly environment?: Readonly<Record<string, Input<string>>>;
}

export interface FunctionResult<Native> {
  readonly native: Native;
  /** Where other functions of the cluster reach it, an origin; a function at a beat has none. */
  readonly internalOrigin: Output<string> | undefined;
}
