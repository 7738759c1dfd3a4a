import { Container, ContainerModule, type ServiceIdentifier } from 'inversify';
import type { CatalogueBinding, FunctionBinding, PortBindings, StateBinding } from '../../adapters/bindings';
import { bindingFields } from '../../adapters/bindings';
import type { Catalogue } from '../../adapters/ports/catalogue';
import { LakeError } from '../../adapters/ports/errors';
import type { Events } from '../../adapters/ports/events';
import type { KeyManagement } from '../../adapters/ports/key-management';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { QueryEngine } from '../../adapters/ports/query-engine';
import type { Callers, Requests } from '../../adapters/ports/requests';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { checkedCatalogue } from '../../adapters/shared/checked-catalogue';
import { ObjectStorePart } from '../../adapters/shared/object-store-part';
import { measured } from '../../adapters/shared/port-metrics';
import { catalogueStore } from '../catalogue/catalogue-store';
import type { Manifest, PortsOf, Use } from '../manifest';
import type { StateStore } from '../state-store';

/** What a host can make of each kind of binding; a kind it has no factory for is refused at start. */
export interface AdapterFactories {
  readonly objectStore: (binding: PortBindings['objectStore']) => ObjectStore;
  readonly key: (binding: PortBindings['key']) => KeyManagement;
  readonly state: (binding: PortBindings['state']) => StateDatabase;
  readonly events: (binding: PortBindings['events'], topic: string) => Events;
  readonly catalogue: (binding: MetastoreBinding) => Catalogue;
  readonly query: (binding: PortBindings['query']) => QueryEngine;
  /** `to` is the function that is asked, `from` the one that asks. */
  readonly requests: (binding: PortBindings['requests'], to: string, from: string) => Requests;
  readonly callers: (binding: PortBindings['callers']) => Callers;
}

/** A catalogue other than the lake's own state database. */
export type MetastoreBinding = Exclude<CatalogueBinding, StateBinding>;

const isMetastore = (binding: CatalogueBinding): binding is MetastoreBinding => !(binding.kind in bindingFields.state);

/** Same binding, same adapter: two functions over one database share its connection. */
export function sharedFactories(factories: AdapterFactories): AdapterFactories {
  const made = new Map<string, unknown>();
  const share = <Made>(port: string, key: unknown, make: () => Made): Made => {
    const name = `${port} ${JSON.stringify(key)}`;
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as Made;
  };
  return {
    objectStore: (binding) => share('objectStore', binding, () => factories.objectStore(binding)),
    key: (binding) => share('key', binding, () => factories.key(binding)),
    state: (binding) => share('state', binding, () => factories.state(binding)),
    events: (binding, topic) => share('events', [binding, topic], () => factories.events(binding, topic)),
    catalogue: (binding) => share('catalogue', binding, () => factories.catalogue(binding)),
    query: (binding) => share('query', binding, () => factories.query(binding)),
    requests: (binding, to, from) =>
      share('requests', [binding, to, from], () => factories.requests(binding, to, from)),
    callers: (binding) => share('callers', binding, () => factories.callers(binding)),
  };
}

/** What is wrong with the binding of one port, a line for each field. */
function fieldProblems(name: string, port: Use['port'], given: unknown): readonly string[] {
  if (typeof given !== 'object') return [`${name}: must be an object with a kind`];
  const { kind, ...values } = given as Readonly<Record<string, unknown>>;
  const kinds = bindingFields[port];
  // Only its own: every object has a `constructor`.
  const fields = Object.hasOwn(kinds, String(kind)) ? kinds[String(kind)] : undefined;
  if (fields === undefined) return [`${name}.kind: unknown; ${port} ports take ${Object.keys(kinds).join(', ')}`];
  return [
    ...Object.entries(fields)
      .filter(([field, type]) => {
        const value = values[field];
        return value === undefined ? !type.endsWith('?') : typeof value !== type.replace('?', '');
      })
      .map(([field, type]) => `${name}.${field}: must be a ${type.replace('?', '')}`),
    ...Object.keys(values)
      .filter((field) => !Object.hasOwn(fields, field))
      .map((field) => `${name}.${field}: not a field of a ${String(kind)} binding`),
  ];
}

/** Checks a binding against its manifest; every problem at once, each naming port and field. */
export function checkBinding(manifest: Manifest, binding: FunctionBinding): void {
  const problems: string[] = [];
  for (const name of Object.keys(binding)) {
    if (!Object.hasOwn(manifest.uses, name))
      problems.push(`${name}: the manifest of ${manifest.name} declares no such port`);
  }
  for (const [name, use] of Object.entries(manifest.uses)) {
    const given: unknown = Object.hasOwn(binding, name) ? binding[name] : undefined;
    if (given === undefined || given === null) {
      problems.push(`${name}: no binding was given for this ${use.port} port`);
      continue;
    }
    problems.push(...fieldProblems(name, use.port, given));
  }
  if (problems.length > 0) {
    throw new LakeError(
      'InvalidArgument',
      `The binding of ${manifest.name} does not fit its manifest:\n - ${problems.join('\n - ')}`,
    );
  }
}

const identifierOf = (manifest: Manifest, name: string): ServiceIdentifier<object> =>
  Symbol.for(`lake/${manifest.name}/${name}`);

/**
 * An object with the declared operations and nothing else: what was not declared is not there to be called. Each is measured
 * under the names that the manifest gives.
 */
function restrict(
  target: object,
  operations: readonly PropertyKey[],
  names: Readonly<Record<string, string>>,
  extra: object = {},
): object {
  const restricted: Record<PropertyKey, unknown> = { ...extra };
  for (const operation of operations) {
    const method = (Reflect.get(target, operation) as (...args: unknown[]) => unknown).bind(target);
    restricted[operation] = measured(method, { ...names, 'lake.operation': String(operation) });
  }
  return Object.freeze(restricted);
}

function makePort(
  functionName: string,
  use: Use,
  binding: FunctionBinding[string],
  factories: AdapterFactories,
): object {
  const names = (name: string) => ({ 'lake.function': functionName, 'lake.port': use.port, 'lake.name': name });
  switch (use.port) {
    case 'objectStore': {
      const zone = factories.objectStore(binding as PortBindings['objectStore']);
      const store = use.prefix === undefined ? zone : new ObjectStorePart(zone, use.prefix);
      return restrict(store, use.operations, names(use.zone), { capabilities: store.capabilities });
    }
    case 'key': {
      const keys = factories.key(binding as PortBindings['key']);
      const bound = Object.fromEntries(
        use.operations.map((operation) => [
          operation,
          (...rest: unknown[]) => (keys[operation] as (...args: unknown[]) => unknown).call(keys, use.key, ...rest),
        ]),
      );
      return restrict(bound, use.operations, names(use.key));
    }
    case 'state': {
      const database = factories.state(binding as PortBindings['state']);
      return restrict((use.store as StateStore<object>).open(database), use.operations, names(use.store.name));
    }
    case 'events':
      return restrict(factories.events(binding as PortBindings['events'], use.topic), ['publish'], names(use.topic));
    case 'catalogue': {
      const place = binding as CatalogueBinding;
      const made = isMetastore(place) ? factories.catalogue(place) : catalogueStore.open(factories.state(place));
      return restrict(checkedCatalogue(made), use.operations, names('catalogue'));
    }
    case 'query': {
      const engine = factories.query(binding as PortBindings['query']);
      return restrict(engine, use.operations, names('duckdb'), { spoolFolder: engine.spoolFolder });
    }
    case 'requests': {
      const asked = factories.requests(binding as PortBindings['requests'], use.to, functionName);
      return restrict(asked, use.operations, names(use.to));
    }
    case 'callers':
      return restrict(factories.callers(binding as PortBindings['callers']), use.operations, names(functionName));
  }
}

/** The inversify module of one manifest over one binding. */
export function moduleOf(manifest: Manifest, binding: FunctionBinding, factories: AdapterFactories): ContainerModule {
  checkBinding(manifest, binding);
  return new ContainerModule(({ bind }) => {
    for (const [name, use] of Object.entries(manifest.uses)) {
      bind(identifierOf(manifest, name))
        .toDynamicValue(() => makePort(manifest.name, use, binding[name]!, factories))
        .inSingletonScope();
    }
  });
}

/** Resolves exactly the ports of a manifest. */
export function portsOf<OneManifest extends Manifest>(
  container: Container,
  manifest: OneManifest,
): PortsOf<OneManifest> {
  const entries = Object.keys(manifest.uses).map((name) => [name, container.get(identifierOf(manifest, name))]);
  return Object.freeze(Object.fromEntries(entries)) as PortsOf<OneManifest>;
}

/** One function, injected: checks the binding, builds the container, gives the ports. */
export function inject<OneManifest extends Manifest>(
  manifest: OneManifest,
  binding: FunctionBinding,
  factories: AdapterFactories,
): PortsOf<OneManifest> {
  const container = new Container();
  container.load(moduleOf(manifest, binding, factories));
  return portsOf(container, manifest);
}
