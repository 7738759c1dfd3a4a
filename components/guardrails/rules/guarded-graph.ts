import { at, type GuardedResource } from './guarded-resource';

/** All resources of a stack, and which stands beside which. */
export class GuardedGraph {
  readonly resources: readonly GuardedResource[];
  readonly #byType: ReadonlyMap<string, readonly GuardedResource[]>;

  constructor(resources: readonly GuardedResource[]) {
    this.resources = resources;
    this.#byType = Map.groupBy(resources, ({ type }) => type);
  }

  /** @param types exact, or a beginning with `*` at its end */
  of(...types: readonly string[]): readonly GuardedResource[] {
    return types.flatMap((type) =>
      type.endsWith('*')
        ? this.resources.filter((resource) => resource.type.startsWith(type.slice(0, -1)))
        : (this.#byType.get(type) ?? []),
    );
  }

  /** The resources of a type whose property names this one: a bucket's versioning, a network's flow log. */
  beside(target: GuardedResource, type: string, ...properties: readonly string[]): readonly GuardedResource[] {
    return this.of(type).filter((resource) => properties.some((property) => this.names(resource, property, target)));
  }

  /** Whether a property of one resource names another. */
  names(resource: GuardedResource, property: string, target: GuardedResource): boolean {
    const sources = resource.sources?.[property.split('.')[0] ?? ''] ?? [];
    if (sources.length > 0) return sources.includes(target.urn);
    const value = at(resource.props, property);
    return [value].flat().some((item) => typeof item === 'string' && item !== '' && namesOf(target).includes(item));
  }
}

/** By which a resource is named in another's properties. */
const namesOf = ({ props }: GuardedResource): readonly unknown[] => [props.id, props.arn, props.name, props.bucket];
