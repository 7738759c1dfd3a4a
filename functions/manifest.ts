import type { Catalogue } from '../adapters/ports/catalogue';
import type { Events } from '../adapters/ports/events';
import type { KeyManagement, KeyUse as KeyPurpose } from '../adapters/ports/key-management';
import type { ObjectStore } from '../adapters/ports/object-store';
import type { QueryEngine } from '../adapters/ports/query-engine';
import type { Callers, Requests } from '../adapters/ports/requests';
import type { StateStore, StoreOperations } from './state-store';

/**
 * The manifest: what a function may touch, said once (design section 4). From it come the grants of its cloud role, its
 * binding, its injection module and the least-privilege tests. The types below make the rule hold in the code as well:
 * a handler receives `PortsOf<typeof manifest>`, so an operation that was not declared does not even type-check.
 */

/** Zones of object storage; each has its own store and its own keys. */
export const zones = ['landing', 'identity', 'inbox', 'curated', 'marts', 'audit', 'witness', 'releases'] as const;
export type Zone = (typeof zones)[number];

/** Named keys; each belongs to one zone and has one use. */
export const keyNames = ['landing', 'identity', 'pseudonym', 'audit', 'issuer'] as const;
export type KeyName = (typeof keyNames)[number];

/** What each key of a lake is made for. */
export const keyUses: Readonly<Record<KeyName, KeyPurpose>> = {
  landing: 'dataKeys',
  identity: 'publicKeyWrap',
  pseudonym: 'dataKeys',
  audit: 'sign',
  issuer: 'sign',
};

type MethodsOf<Port> = {
  [Name in keyof Port]: Port[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof Port];

export type ObjectStoreOperation = MethodsOf<ObjectStore> & string;
export type KeyOperation = MethodsOf<KeyManagement> & string;
export type CatalogueOperation = MethodsOf<Catalogue> & string;
export type EventOperation = 'publish' | 'subscribe';

export interface ObjectStoreUse<Operation extends ObjectStoreOperation = ObjectStoreOperation> {
  readonly port: 'objectStore';
  readonly zone: Zone;
  readonly operations: readonly Operation[];
  /** A part of the zone, ends in `/`: the function names keys relative to it. Everything in the zone when absent. */
  readonly prefix?: string;
}

export interface KeyUse<Operation extends KeyOperation = KeyOperation> {
  readonly port: 'key';
  readonly key: KeyName;
  readonly operations: readonly Operation[];
}

export interface StateUse<
  Operations extends StoreOperations = StoreOperations,
  Operation extends keyof Operations = keyof Operations,
> {
  readonly port: 'state';
  readonly store: StateStore<Operations>;
  readonly operations: readonly Operation[];
}

export interface EventsUse<Operation extends EventOperation = EventOperation> {
  readonly port: 'events';
  readonly topic: string;
  readonly operations: readonly Operation[];
}

export interface CatalogueUse<Operation extends CatalogueOperation = CatalogueOperation> {
  readonly port: 'catalogue';
  readonly operations: readonly Operation[];
}

export interface QueryUse {
  readonly port: 'query';
  readonly operations: readonly ['session', 'query'];
}

/** Asks another function, by the name of its manifest. */
export interface RequestsUse {
  readonly port: 'requests';
  readonly to: string;
  readonly operations: readonly ['ask'];
}

/** Learns who asks, where requests come from other processes. */
export interface CallersUse {
  readonly port: 'callers';
  readonly operations: readonly ['callerOf'];
}

export type Use =
  | ObjectStoreUse<never>
  | ObjectStoreUse
  | KeyUse<never>
  | KeyUse
  // A store is contravariant in nothing a manifest reads, so the widest form stands for all of them.
  | {
      readonly port: 'state';
      readonly store: { readonly name: string; readonly database: 'lake' | 'identity' };
      readonly operations: readonly PropertyKey[];
    }
  | EventsUse
  | CatalogueUse<never>
  | CatalogueUse
  | QueryUse
  | RequestsUse
  | CallersUse;

export type Trigger =
  | { readonly kind: 'http'; readonly path: string }
  | { readonly kind: 'event'; readonly topic: string }
  | { readonly kind: 'schedule'; readonly cron: string }
  /** `from`: who may ask, and which kinds of requests. */
  | { readonly kind: 'request'; readonly from: Readonly<Record<string, readonly string[]>> };

export interface Manifest<Uses extends Readonly<Record<string, Use>> = Readonly<Record<string, Use>>> {
  readonly name: string;
  readonly trigger: Trigger;
  readonly uses: Uses;
}

export const http = (path: string): Trigger => ({ kind: 'http', path });
export const onEvent = (topic: string): Trigger => ({ kind: 'event', topic });
export const onSchedule = (cron: string): Trigger => ({ kind: 'schedule', cron });
/** Called by named callers through the function's own requests, as the identity function is. */
export const onRequest = (from: Readonly<Record<string, readonly string[]>> = {}): Trigger => ({
  kind: 'request',
  from,
});

export const objectStore = <Operation extends ObjectStoreOperation>(
  zone: Zone,
  operations: readonly Operation[],
): ObjectStoreUse<Operation> => ({ port: 'objectStore', zone, operations });

/** Of a zone only what lies under `prefix`, as a store by itself. */
export const objectStoreUnder = <Operation extends ObjectStoreOperation>(
  zone: Zone,
  prefix: string,
  operations: readonly Operation[],
): ObjectStoreUse<Operation> => ({ port: 'objectStore', zone, operations, prefix });

export const key = <Operation extends KeyOperation>(
  name: KeyName,
  operations: readonly Operation[],
): KeyUse<Operation> => ({ port: 'key', key: name, operations });

export const state = <Operations extends StoreOperations, Operation extends keyof Operations>(
  store: StateStore<Operations>,
  operations: readonly Operation[],
): StateUse<Operations, Operation> => ({ port: 'state', store, operations });

export const events = <Operation extends EventOperation>(
  topic: string,
  operations: readonly Operation[],
): EventsUse<Operation> => ({ port: 'events', topic, operations });

export const catalogue = <Operation extends CatalogueOperation>(
  operations: readonly Operation[],
): CatalogueUse<Operation> => ({ port: 'catalogue', operations });

export const query = (): QueryUse => ({ port: 'query', operations: ['session', 'query'] });

export const requests = (to: string): RequestsUse => ({ port: 'requests', to, operations: ['ask'] });

export const callers = (): CallersUse => ({ port: 'callers', operations: ['callerOf'] });

/** A key port is bound to its one key: the methods of KeyManagement without their `keyName`. */
export type BoundKey = {
  [Name in KeyOperation]: KeyManagement[Name] extends (keyName: string, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

export type PortOf<OneUse> =
  OneUse extends ObjectStoreUse<infer Operation>
    ? Pick<ObjectStore, Operation | 'capabilities'>
    : OneUse extends KeyUse<infer Operation>
      ? Pick<BoundKey, Operation>
      : OneUse extends StateUse<infer Operations, infer Operation>
        ? Pick<Operations, Operation>
        : OneUse extends EventsUse
          ? Pick<Events, 'publish'>
          : OneUse extends CatalogueUse<infer Operation>
            ? Pick<Catalogue, Operation>
            : OneUse extends QueryUse
              ? Pick<QueryEngine, 'session' | 'query' | 'spoolFolder'>
              : OneUse extends RequestsUse
                ? Requests
                : OneUse extends CallersUse
                  ? Callers
                  : never;

/** What the handler of a manifest receives: exactly the declared ports with exactly the declared operations. */
export type PortsOf<OneManifest extends { readonly uses: object }> = {
  readonly [Name in keyof OneManifest['uses']]: PortOf<OneManifest['uses'][Name]>;
};

export function defineManifest<const Uses extends Readonly<Record<string, Use>>>(
  manifest: Manifest<Uses>,
): Manifest<Uses> {
  return manifest;
}
