import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from './lake-component';

/**
 * A component of the lake whose parts one builder for AWS makes: same module and type as on other targets.
 *
 * ```ts
 * const keys = new AwsComponent('key-ring', 'KeyRing', 'key-ring', awsKeyRing, { target, manifests }).built;
 * ```
 */
export class AwsComponent<Args, Built> extends LakeComponent {
  readonly built: Built;

  constructor(
    module: string,
    type: string,
    name: string,
    build: (component: LakeComponent, name: string, args: Args) => Built,
    args: Args,
    opts?: ComponentResourceOptions,
  ) {
    super(module, type, name, opts);
    this.built = build(this, name, args);
    this.registerOutputs({});
  }
}
