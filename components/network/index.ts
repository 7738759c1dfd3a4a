import type { ComponentResourceOptions, Output } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import { type KubernetesNetwork, kubernetesNetwork } from './kubernetes';
import type { NetworkArgs, NetworkZone, Places } from './network-args';

/**
 * One network for each zone, closed in both directions: names resolve, and everything else is opened by the component that
 * needs it, for the pair that needs it.
 *
 * ```ts
 * const network = new Network('network', { target, prefix: 'lake', zones: ['lake', 'keys'], quotas });
 * ```
 */
export class Network extends LakeComponent {
  /** The namespaces of the zones. */
  readonly native: KubernetesNetwork;
  readonly places: Places;
  /** The target as the zones' pods see it: with the resolver they ask. */
  readonly target: NetworkArgs['target'];

  constructor(name: string, args: NetworkArgs, opts?: ComponentResourceOptions) {
    super('network', 'Network', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.places = built.places;
    this.target = built.target;
    this.registerOutputs({ places: this.places });
  }

  /** @throws RangeError for a zone this network was not given. */
  place(zone: NetworkZone): Output<string> {
    const place = this.places[zone];
    if (place === undefined) throw new RangeError(`The network has no zone ${zone}. Add it to \`zones\`.`);
    return place;
  }
}

const builders = { kubernetes: kubernetesNetwork } satisfies Record<TargetKind, unknown>;
