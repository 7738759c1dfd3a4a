import type { Input } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { EventSinks } from '../function/function-args';

/** Who takes the events of a topic: the origin of a function. */
export interface Subscription {
  readonly topic: string;
  /** CloudEvents `subject` of the topic's events, by which a broker tells them from others. */
  readonly subject: string;
  readonly subscriber: Input<string>;
}

/** How events travel. */
export type EventTransport =
  /** To the function itself; the outbox keeps what was not taken, tries again and sets aside. */
  | { readonly kind: 'direct' }
  /** Through a broker of Knative Eventing, which tries again and then passes on to the dead letters. */
  | {
      readonly kind: 'broker';
      readonly brokerClass: string;
      readonly ingress: Input<string>;
      readonly deadLetterSink: Input<string>;
    };

export interface EventsArgs extends KubernetesComponentArgs {
  readonly place: Input<string>;
  readonly places: Readonly<Record<string, Input<string>>>;
  readonly subscriptions: readonly Subscription[];
  readonly transport: EventTransport;
}

export interface EventsResult<Native> {
  readonly native: Native;
  readonly sinks: EventSinks;
}
