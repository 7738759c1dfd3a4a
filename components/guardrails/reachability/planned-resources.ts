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

const sourcesOf = ({ propertyDependencies }: PolicyResource, property: string): Sources =>
  (propertyDependencies[property] ?? []).map((source) => source.urn);

/**
 * The engine tells a policy no ids. Where a property comes from one resource alone, its value is that resource's id, or one of what
 * the resource shows of itself (its ARN, its name), or a text with one of these in it: the shortest that it does not show is the id.
 */
function idsOf(resources: readonly PolicyResource[]): ReadonlyMap<string, string> {
  const shown = new Map(resources.map((one) => [one.urn, one]));
  const ids = new Map<string, string>();
  for (const resource of resources)
    for (const property of Object.keys(resource.propertyDependencies)) {
      const [source, ...others] = sourcesOf(resource, property);
      const value = read(resource.props, property);
      const of = source === undefined ? undefined : shown.get(source);
      if (source === undefined || of === undefined || others.length > 0 || typeof value !== 'string') continue;
      if (Object.keys(of.props).some((own) => read(of.props, own) === value)) continue;
      const before = ids.get(source);
      if (before === undefined || value.length < before.length) ids.set(source, value);
    }
  return ids;
}

/**
 * In a preview of what is not made yet ids and ARNs are not known: URNs stand for them, as the engine tells which resource each property
 * comes from. A text that is put together of such values (a policy that names an endpoint) stays unread.
 */
export function plannedStack(resources: readonly PolicyResource[]): PlannedStack {
  const unread = new Set<string>();
  const ids = idsOf(resources);
  const planned = resources.map((resource) => {
    const { type, name, urn, props } = resource;
    const entries = Object.keys(props).map((property) => {
      const value = read(props, property);
      if (value === unknown && policies.has(property)) unread.add(name);
      const sources = sourcesOf(resource, property).map((source) => ids.get(source) ?? source);
      return [property, known(value, sources)] as const;
    });
    return {
      type,
      name,
      id: ids.get(urn) ?? urn,
      inputs: Object.fromEntries(entries),
      // What comes from elsewhere names another: a topic's policy has the topic's ARN.
      outputs: Object.fromEntries(entries.filter(([property]) => sourcesOf(resource, property).length === 0)),
    };
  });
  return { resources: planned, unread };
}
