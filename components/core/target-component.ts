import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from './lake-component';
import type { TargetKind } from './target';

/** Makes the parts of a component on one target, under it. What it gives is `native` (the vendor's resources) and what others need. */
type Builder = (component: LakeComponent, name: string, args: never) => object;

/** A builder for each target; where a target has no such component, the sentence that says what is there instead. */
export type Builders = Readonly<Record<TargetKind, Builder | string>>;

/** The targets that have it. */
export type KindsOf<All extends Builders> = {
  [Kind in TargetKind]: All[Kind] extends Builder ? Kind : never;
}[TargetKind];

type BuiltOn<All extends Builders, Kind extends TargetKind> = All[Kind] extends (...args: never) => infer Built
  ? Built
  : never;

/** What a component takes on a target: the target says which. */
export type ArgsOn<All extends Builders, Kind extends TargetKind> = {
  readonly target: { readonly kind: Kind };
} & (All[Kind] extends (component: LakeComponent, name: string, args: infer Args) => object ? Args : never);

/**
 * A component of the lake that its target's builder makes: the same module and type on every target, arguments by the target's kind.
 * What its builder made for others are its outputs.
 */
export abstract class TargetComponent<All extends Builders, Kind extends KindsOf<All>> extends LakeComponent {
  readonly built: BuiltOn<All, Kind>;

  constructor(
    module: string,
    type: string,
    builders: All,
    name: string,
    args: ArgsOn<All, Kind>,
    opts?: ComponentResourceOptions,
  ) {
    super(module, type, name, opts);
    const build: Builder | string = builders[args.target.kind];
    if (typeof build === 'string') throw new RangeError(`${type} is not built on ${args.target.kind}: ${build}`);
    // The compiler does not follow that the kind of the target chose the builder and the arguments alike.
    const built = build(this, name, args as never);
    this.built = built as BuiltOn<All, Kind>;
    const { native, ...outputs } = built as { readonly native?: object };
    this.registerOutputs(native === undefined ? {} : outputs);
  }
}
