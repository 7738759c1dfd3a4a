import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { interpolate } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { openPath } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import type { EventsArgs, EventsResult } from './events-args';

export interface KubernetesEvents {
  readonly kind: 'kubernetes';
  /** Absent where events go to the functions themselves. */
  readonly broker: CustomResource | undefined;
}

/** A custom resource is not awaited by default. */
const whenReady = { 'pulumi.com/waitFor': 'condition=Ready' };
const brokerName = 'lake';
/** As functions/dispatch names it. */
const landedEventType = 'uk.nhs.lake.landed.v1';

export function kubernetesEvents(
  component: LakeComponent,
  name: string,
  { target, transform, place: namespace, places, subscriptions, transport }: EventsArgs,
): EventsResult<KubernetesEvents> {
  const parts = new KubernetesParts(component, name, { target, ...(transform === undefined ? {} : { transform }) });
  if (transport.kind === 'direct') {
    parts.complete();
    const sinks = Object.fromEntries(subscriptions.map(({ topic, subscriber }) => [topic, subscriber]));
    return { native: { kind: 'kubernetes', broker: undefined }, sinks };
  }
  const broker = parts.add(CustomResource, 'broker', {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: {
      name: brokerName,
      namespace,
      annotations: { ...whenReady, 'eventing.knative.dev/broker.class': transport.brokerClass },
    },
    spec: {
      delivery: {
        retry: 10,
        backoffPolicy: 'exponential',
        backoffDelay: 'PT1S',
        deadLetterSink: { uri: transport.deadLetterSink },
      },
    },
  });
  for (const { topic, subject, subscriber } of subscriptions) {
    parts.add(
      CustomResource,
      `trigger-${topic}`,
      {
        apiVersion: 'eventing.knative.dev/v1',
        kind: 'Trigger',
        metadata: { name: nameOf('label', topic), namespace, annotations: whenReady },
        spec: {
          broker: brokerName,
          filter: { attributes: { type: landedEventType, subject } },
          subscriber: { uri: subscriber },
        },
      },
      { dependsOn: [broker] },
    );
  }
  openPath(parts, 'events', { kind: 'platform', place: 'knative-eventing', labels: {}, ports: [8080, 80] }, places);
  parts.complete();
  const sink = interpolate`${transport.ingress}/${namespace}/${brokerName}`;
  const sinks = Object.fromEntries(subscriptions.map(({ topic }) => [topic, sink]));
  return { native: { kind: 'kubernetes', broker }, sinks };
}
