import type { GraphResource } from './graph-resource';
import { textAt, textsAt } from './input-values';

/** Inputs and outputs by which others name a resource, the surest first. */
const identifiers = [
  'arn',
  'bucket',
  'url',
  'keyId',
  'name',
  'prefixListId',
  'functionName',
  'clusterIdentifier',
  'namespaceName',
  'workgroupName',
  'tableName',
  'resourceId',
];

export const kindOf = ({ type }: Pick<GraphResource, 'type'>): string => type.slice(type.lastIndexOf(':') + 1);

/** One text for one resource: its kind and its name in the program. */
export const keyOf = (resource: GraphResource): string => `${kindOf(resource)} ${resource.name}`;

/** The resources of a stack, found by type and by what others name them by. */
export class ResourceGraph {
  readonly resources: readonly GraphResource[];
  readonly #byType: ReadonlyMap<string, readonly GraphResource[]>;
  readonly #byReference = new Map<string, GraphResource[]>();

  constructor(resources: readonly GraphResource[]) {
    this.resources = resources;
    this.#byType = Map.groupBy(resources, ({ type }) => type);
    for (const resource of resources) {
      const names = new Set([resource.id ?? `${resource.name}-id`]);
      for (const identifier of identifiers) {
        for (const from of [resource.outputs, resource.inputs]) {
          // What a policy or a subscription is about is named in its own `arn` or `bucket`: that is not itself.
          const found = textAt(from, identifier);
          if (found !== undefined && (from === resource.outputs || !isAbout(resource, identifier))) names.add(found);
        }
      }
      // The engine shows no ids; the ARN of a thing in a network ends with it.
      const ofNetwork = /^arn:[\w-]+:ec2:.*\/([\w-]+)$/.exec(textAt(resource.outputs, 'arn') ?? '')?.[1];
      if (ofNetwork !== undefined) names.add(ofNetwork);
      // A bucket that says what it is called is not called as the program calls it: that one may be anybody's.
      const isCalled = [resource.outputs, resource.inputs].some((from) => textAt(from, 'bucket') !== undefined);
      if (!resource.type.endsWith(':Bucket') || !isCalled) names.add(resource.name);
      for (const name of names) this.#byReference.set(name, [...(this.#byReference.get(name) ?? []), resource]);
    }
  }

  /** All of a type. */
  of(...types: readonly string[]): readonly GraphResource[] {
    return types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  /** The resource that is named so, of one of these types; an ARN may go on behind it (`/*`, `:*`, `:PROD`). */
  find(reference: string | undefined, ...types: readonly string[]): GraphResource | undefined {
    if (reference === undefined) return undefined;
    for (let name = reference; name !== ''; name = shorter(name)) {
      const found = this.#byReference.get(name)?.find((one) => types.length === 0 || types.includes(one.type));
      if (found !== undefined) return found;
      if (!reference.startsWith('arn:')) return undefined;
    }
    return undefined;
  }

  /** The project that a resource works for: its own tag, or of a role what the machines say that carry it. */
  projectOf(resource: GraphResource): string | undefined {
    const own = projectOf(resource);
    if (own !== undefined || kindOf(resource) !== 'Role') return own;
    const profiles = this.of('aws:iam/instanceProfile:InstanceProfile').filter(
      ({ inputs }) => this.find(textAt(inputs, 'role'), resource.type) === resource,
    );
    const machine = this.of('aws:ec2/instance:Instance').find(({ inputs }) =>
      profiles.some((profile) => this.find(textAt(inputs, 'iamInstanceProfile'), profile.type) === profile),
    );
    return machine === undefined ? undefined : projectOf(machine);
  }

  /** The resources that a list at a path names. */
  named(resource: GraphResource, path: string, ...types: readonly string[]): readonly GraphResource[] {
    return textsAt(resource.inputs, path).flatMap((reference) => this.find(reference, ...types) ?? []);
  }
}

/** Of these the named inputs speak of another resource. */
const isAbout = ({ type }: GraphResource, identifier: string): boolean =>
  ['arn', 'bucket', 'functionName', 'namespaceName', 'tableName', 'keyId'].includes(identifier) &&
  !['Bucket', 'Function', 'Namespace', 'Table'].some((kind) => type.endsWith(`:${kind}`));

/** An ARN without its last part, as long as it still names something: six fields. */
function shorter(arn: string): string {
  const cut = Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':'));
  const rest = arn.slice(0, Math.max(cut, 0));
  return rest.split(':').length >= 6 ? rest : '';
}

const tag = ({ inputs }: GraphResource, name: string): string | undefined =>
  textAt(inputs, `tags.${name}`) ?? textAt(inputs, `tags.${name[0]?.toUpperCase()}${name.slice(1)}`);

/** The zone of the lake in which a resource stands: its tag `Zone`. */
export const zoneOf = (resource: GraphResource): string | undefined => tag(resource, 'zone');
/** The research project that a resource belongs to: its tag `Project`. */
export const projectOf = (resource: GraphResource): string | undefined => tag(resource, 'project');
