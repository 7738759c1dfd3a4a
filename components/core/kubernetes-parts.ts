import type { CustomResourceOptions, Input, Resource } from '@pulumi/pulumi';
import type { KubernetesTarget } from './kubernetes-target';
import { refuseUnknownTransforms, type Transform } from './lake-component';

export type Labels = Readonly<Record<string, string>>;

export interface PartMetadata {
  readonly name: string;
  readonly namespace?: Input<string>;
  readonly labels?: Labels;
  readonly annotations?: Readonly<Record<string, Input<string>>>;
}

type ResourceClass = new (name: string, args: never, opts?: CustomResourceOptions) => object;
type ArgsOf<Kind extends ResourceClass> = NonNullable<ConstructorParameters<Kind>[1]>;

/** What every component on Kubernetes takes. */
export interface KubernetesComponentArgs {
  readonly target: KubernetesTarget;
  readonly transform?: Transform;
}

/** Labels of the lake, on every object; the part's own name is what selectors use. */
export const lakeLabels = (target: KubernetesTarget): Labels => ({
  'app.kubernetes.io/part-of': 'nhs-data-lake',
  'app.kubernetes.io/instance': target.instance,
});

/**
 * Makes a component's children: each below it, with the explicit provider, labelled, and changed by the transform of its role.
 */
export class KubernetesParts {
  readonly #parent: Resource;
  readonly #name: string;
  readonly #target: KubernetesTarget;
  readonly #labels: Labels;
  readonly #transform: Transform;
  readonly #roles = new Set<string>();

  constructor(parent: Resource, name: string, { target, transform }: KubernetesComponentArgs, labels: Labels = {}) {
    this.#parent = parent;
    this.#name = name;
    this.#target = target;
    this.#labels = { ...lakeLabels(target), ...labels };
    this.#transform = transform ?? {};
  }

  /** The labels this component puts on its parts. */
  get labels(): Labels {
    return this.#labels;
  }

  add<Kind extends ResourceClass>(
    Kind: Kind,
    role: string,
    args: Omit<ArgsOf<Kind>, 'metadata'> & { readonly metadata: PartMetadata },
    options: CustomResourceOptions = {},
  ): InstanceType<Kind> {
    this.#roles.add(role);
    const labelled = { ...args, metadata: { ...args.metadata, labels: { ...this.#labels, ...args.metadata.labels } } };
    const made = this.#transform[role]?.(labelled) ?? labelled;
    const all = { parent: this.#parent, provider: this.#target.provider, ...options };
    return new Kind(`${this.#name}-${role}`, made as never, all) as InstanceType<Kind>;
  }

  /** Call it last: refuses transforms that met no part. */
  complete(): void {
    refuseUnknownTransforms(this.#transform, this.#roles);
  }
}
