import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';
import type { AwsTarget } from './aws-target';
import { refuseUnknownTransforms, type Transform } from './lake-component';

/** What the data in a resource is: `none` for what carries or guards data and holds none. */
export type Classification = 'identifiable' | 'pseudonymised' | 'audit' | 'secret' | 'none';

/** Where a part belongs: the zone of the lake, and what it holds. */
export interface PartPlace {
  readonly zone: string;
  readonly classification: Classification;
}

type ResourceClass = new (name: string, args: never, opts?: CustomResourceOptions) => object;
type ArgsOf<Kind extends ResourceClass> = NonNullable<ConstructorParameters<Kind>[1]>;

/** What every component on AWS takes. */
export interface AwsComponentArgs {
  readonly target: AwsTarget;
  readonly transform?: Transform;
}

/** Tags of the lake: keys as AWS writes its own, values without anything of a person. */
export const awsTags = (target: AwsTarget, { zone, classification }: PartPlace): Readonly<Record<string, string>> => ({
  Application: 'nhs-data-lake',
  Lake: target.name,
  Stack: target.stack,
  Environment: target.environment,
  Owner: target.owner,
  CostCentre: target.costCentre,
  Zone: zone,
  Classification: classification,
});

/**
 * Makes a component's children: each below it, with the explicit provider, tagged, and changed by the transform of its role.
 * Tags go to every resource; the classes of those that take none drop them.
 */
export class AwsParts {
  readonly target: AwsTarget;
  readonly #parent: Resource;
  readonly #name: string;
  readonly #place: PartPlace;
  readonly #transform: Transform;
  readonly #roles = new Set<string>();

  constructor(parent: Resource, name: string, { target, transform }: AwsComponentArgs, place: PartPlace) {
    this.target = target;
    this.#parent = parent;
    this.#name = name;
    this.#place = place;
    this.#transform = transform ?? {};
  }

  /** @param place where this part belongs, if not where the component does */
  add<Kind extends ResourceClass>(
    Kind: Kind,
    role: string,
    args: ArgsOf<Kind>,
    { place = this.#place, ...options }: CustomResourceOptions & { readonly place?: PartPlace } = {},
  ): InstanceType<Kind> {
    if (this.#roles.has(role)) throw new RangeError(`${this.#name}: two parts have the role ${role}.`);
    this.#roles.add(role);
    const { tags } = args as { readonly tags?: object };
    const tagged = { ...(args as object), tags: { ...awsTags(this.target, place), ...tags } };
    const made = this.#transform[role]?.(tagged) ?? tagged;
    const all = { parent: this.#parent, provider: this.target.provider, ...options };
    return new Kind(`${this.#name}-${role}`, made as never, all) as InstanceType<Kind>;
  }

  /** A part whose loss loses data or evidence: the engine refuses to delete or replace it until someone takes that off. */
  keep<Kind extends ResourceClass>(
    Kind: Kind,
    role: string,
    args: ArgsOf<Kind>,
    options: CustomResourceOptions & { readonly place?: PartPlace } = {},
  ): InstanceType<Kind> {
    return this.add(Kind, role, args, { protect: true, ...options });
  }

  /** Call it last: refuses transforms that met no part. */
  complete(): void {
    refuseUnknownTransforms(this.#transform, this.#roles);
  }
}
