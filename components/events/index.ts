import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsEvents } from './aws';
import { kubernetesEvents } from './kubernetes';

/**
 * CloudEvents over HTTP from the ledger's outbox to the functions: at least once, dead letters after the last attempt.
 *
 * ```ts
 * new Events('events', { target, place, places, subscriptions, transport: { kind: 'direct' } });
 * ```
 */
export class Events<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('events', 'Events', builders, name, args, opts);
  }
}

const builders = { aws: awsEvents, kubernetes: kubernetesEvents } satisfies Builders;
