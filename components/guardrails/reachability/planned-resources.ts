import type { PolicyResource } from '@pulumi/policy';
import type { GraphResource } from './graph-resource';

type Fields = Readonly<Record<string, unknown>>;
/** The names that stand for what a property's value comes from, while the value is not known. */
type Sources = readonly string[];

const unknown = Symbol('unknown');
/** Properties that say who is let to a resource, as text. */
const policies = new Set(['policy', 'resourcePolicy', 'assumeRolePolicy', 'inlinePolicies']);

/** In a preview the engine throws when a value is read that is known only once something is made. */
function read(holder: object, key: string): unknown {
  try {
    return (holder as Fields)[key];
  } catch {
    return unknown;
  }
}

/** A value with its unknown parts replaced by the names of all that its property comes from: whoever looks for a type finds its own. */
function known(value: unknown, sources: Sources): unknown {
  if (value === unknown) return sources.length === 1 ? sources[0] : sources;
  if (Array.isArray(value))
    return Object.keys(value).flatMap((index): readonly unknown[] => {
      const item = read(value, index);
      return item === unknown ? sources : [known(item, sources)];
    });
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, known(read(value, key), sources)]));
}

/** What the engine shows of a stack, as the solver reads it. */
export interface PlannedStack {
  readonly resources: readonly GraphResource[];
  /** Names of those with a policy that cannot be read yet: what it lets through shows when an `up` ends, and in the next plan. */
  readonly unread: ReadonlySet<string>;
}

/**
 * In a preview of what is not made yet ids and ARNs are not known: URNs stand for them, as the engine tells which resource each property
 * comes from. A text that is put together of such values (a policy that names an endpoint) stays unread.
 */
export function plannedStack(resources: readonly PolicyResource[]): PlannedStack {
  const unread = new Set<string>();
  const planned = resources.map(({ type, name, urn, props, propertyDependencies }) => {
    const sourcesOf = (property: string): Sources => (propertyDependencies[property] ?? []).map((source) => source.urn);
    const entries = Object.keys(props).map((property) => {
      const value = read(props, property);
      if (value === unknown && policies.has(property)) unread.add(name);
      return [property, known(value, sourcesOf(property))] as const;
    });
    const id = read(props, 'id');
    return {
      type,
      name,
      id: typeof id === 'string' && id !== '' ? id : urn,
      inputs: Object.fromEntries(entries),
      // What comes from elsewhere names another: a topic's policy has the topic's ARN.
      outputs: Object.fromEntries(entries.filter(([property]) => sourcesOf(property).length === 0)),
    };
  });
  return { resources: planned, unread };
}
