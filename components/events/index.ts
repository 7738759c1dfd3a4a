import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { EventSinks } from '../function/function-args';
import type { EventsArgs } from './events-args';
import { type KubernetesEvents, kubernetesEvents } from './kubernetes';

/**
 * CloudEvents over HTTP from the ledger's outbox to the functions: at least once, dead letters after the last attempt.
 *
 * ```ts
 * new Events('events', { target, place, places, subscriptions, transport: { kind: 'direct' } });
 * ```
 */
export class Events extends LakeComponent {
  readonly native: KubernetesEvents;
  /** Where each topic is published to. */
  readonly sinks: EventSinks;

  constructor(name: string, args: EventsArgs, opts?: ComponentResourceOptions) {
    super('events', 'Events', name, opts);
    const built = builders[args.target.kind](this, name, args);
    this.native = built.native;
    this.sinks = built.sinks;
    this.registerOutputs({ sinks: this.sinks });
  }
}

const builders = { kubernetes: kubernetesEvents } satisfies Record<TargetKind, unknown>;
