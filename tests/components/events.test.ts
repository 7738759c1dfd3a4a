import assert from 'node:assert/strict';
import { landedEventType } from '../../functions/dispatch/dispatch';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, sourceOf } from './dev-stack';
import { deploy, type Json } from './recorded-lake';

const deadLetterSink = 'https://dead.example.nhs.uk';
const brokered = { ...devSettings, events: 'broker', deadLetterSink };
const specOf = (recorded: readonly Recorded[], name: string): Json => only(recorded, name).inputs.spec as Json;
const sinksOf = (recorded: readonly Recorded[]): Readonly<Record<string, string>> => {
  const { containers } = (specOf(recorded, 'dispatch-deployment').template as { spec: { containers: Json[] } }).spec;
  const variables = containers[0]?.env as readonly { readonly name: string; readonly value: string }[];
  const binding = JSON.parse(variables.find(({ name }) => name === 'LAKE_BINDING')?.value ?? '{}') as Record<
    string,
    Json
  >;
  return Object.fromEntries(['identityLanded', 'clinicalLanded'].map((name) => [name, String(binding[name]?.sink)]));
};

for (const mode of modes) {
  describe(`Events through a Knative broker, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, brokered);
    });

    it('are a broker, a trigger for each topic and the way between it and the functions', () => {
      const parts = recorded.filter(({ name }) => name.startsWith('events-'));
      assert.deepEqual(parts.map(kindOf).sort(), ['Broker', 'NetworkPolicy', 'NetworkPolicy', 'Trigger', 'Trigger']);
      for (const { inputs } of parts.filter((one) => kindOf(one) !== 'NetworkPolicy')) {
        assert.equal(inputs.apiVersion, 'eventing.knative.dev/v1');
        const { annotations } = inputs.metadata as { annotations: Json };
        assert.equal(annotations['pulumi.com/waitFor'], 'condition=Ready');
      }
    });

    it('are tried again with growing pauses, and then go to the dead letters', () => {
      assert.deepEqual(specOf(recorded, 'events-broker').delivery, {
        retry: 10,
        backoffPolicy: 'exponential',
        backoffDelay: 'PT1S',
        deadLetterSink: { uri: deadLetterSink },
      });
    });

    it('go to the function of their subject alone', () => {
      for (const [trigger, subject, subscriber] of [
        ['events-trigger-landed.identity', 'identity', 'identity'],
        ['events-trigger-landed.clinical', 'landing', 'curate'],
      ] as const) {
        const { broker, filter, subscriber: to } = specOf(recorded, trigger) as Record<string, Json>;
        assert.deepEqual([broker, filter], ['lake', { attributes: { type: landedEventType, subject } }]);
        if (mode === 'apply') assert.match(String(to?.uri), new RegExp(`^http://${subscriber}\\.`));
      }
    });

    if (mode === 'apply')
      it('are published to the ingress of the broker, under its namespace and name', () => {
        const ingress = 'http://kafka-broker-ingress.knative-eventing.svc.cluster.local/lake-lake/lake';
        assert.deepEqual(sinksOf(recorded), { identityLanded: ingress, clinicalLanded: ingress });
      });
  });
}

describe('Events', () => {
  it('go to the functions themselves where no broker is, with nothing deployed for them', async () => {
    const recorded = await deploy('apply', devSettings);
    assert.ok(!recorded.some(({ name }) => name.startsWith('events-')));
    const { identityLanded = '', clinicalLanded = '' } = sinksOf(recorded);
    assert.match(`${identityLanded} ${clinicalLanded}`, /^http:\/\/identity\.\S+ http:\/\/curate\.\S+$/);
  });

  it('need a place for dead letters where a broker is', () => {
    const { deadLetterSink: _, ...without } = brokered;
    assert.throws(
      () => readConfig(sourceOf(without)),
      (error) => error instanceof ConfigError && error.message.includes('deadLetterSink'),
    );
  });
});
