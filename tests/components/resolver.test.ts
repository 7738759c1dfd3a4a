import assert from 'node:assert/strict';
import { corefile } from '../../components/network/kubernetes-resolver';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, siteSettings, sourceOf } from './dev-stack';
import { deploy, type Json, policiesOf, workloadsOf } from './recorded-lake';

const settings = { ...devSettings, resolver: 'own', siteNames: '["s3.example.nhs.uk=192.0.2.20"]' };
const address = '10.96.0.53';
const reads = { 'network-resolver-service': { spec: { clusterIP: address } } };

/** The namespaces that a network policy lets pods ask for names, by the namespace of the policy. */
const askedBy = (recorded: readonly Recorded[]) =>
  policiesOf(recorded)
    .filter(({ metadata }) => metadata.name === 'names')
    .flatMap(({ spec }) => spec.egress?.flatMap(({ to }) => to ?? []) ?? [])
    .map((peer) => (peer.namespaceSelector as { matchLabels: Json }).matchLabels['kubernetes.io/metadata.name']);

for (const mode of modes) {
  describe(`The lake's own resolver, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, settings, reads);
    });

    it('is the only one that any zone may ask', () => {
      const asked = askedBy(recorded);
      assert.equal(asked.length, 4);
      assert.deepEqual(new Set(asked), new Set(['lake-names']));
    });

    it('is asked by every pod', () => {
      const pods = workloadsOf(recorded).filter(({ name }) => name !== 'network-resolver-server');
      assert.ok(pods.length >= 25);
      for (const { name, spec } of pods) {
        const { dnsPolicy, dnsConfig } = spec as unknown as {
          dnsPolicy?: string;
          dnsConfig?: { nameservers?: unknown };
        };
        assert.equal(dnsPolicy, 'None', name);
        if (mode === 'apply') assert.deepEqual(dnsConfig?.nameservers, [address], name);
      }
    });

    it('reads services and nothing more', () => {
      const role = only(recorded, 'network-resolver-role');
      for (const { resources, verbs } of role.inputs.rules as readonly { resources: string[]; verbs: string[] }[]) {
        assert.deepEqual(verbs, ['list', 'watch']);
        for (const one of resources) assert.ok(['services', 'namespaces', 'endpointslices'].includes(one), one);
      }
    });
  });
}

describe('The resolver', () => {
  it('forwards nothing, whatever the names of the site', () => {
    const text = corefile(['lake-lake'], { 's3.example.nhs.uk': '192.0.2.20' });
    assert.doesNotMatch(text, /forward|resolv\.conf|fallthrough/);
    assert.match(text, /\.:5353 \{\n {4}errors\n {4}template ANY ANY \{\n {8}rcode NXDOMAIN/);
    assert.match(
      text,
      /s3\.example\.nhs\.uk:5353 \{\n {4}errors\n {4}hosts \{\n {8}192\.0\.2\.20 s3\.example\.nhs\.uk/,
    );
  });

  it("is the lake's own in production, where the cluster's is refused", async () => {
    const recorded = await deploy('apply', siteSettings);
    assert.equal(recorded.filter((one) => kindOf(one) === 'Namespace').length, 5);
    assert.throws(
      () => readConfig(sourceOf({ ...siteSettings, resolver: 'cluster' })),
      /resolver: "cluster"; allowed in production: own/,
    );
  });

  it('asks for the address of each server of the site', () => {
    const { siteNames, ...rest } = siteSettings;
    assert.throws(
      () => readConfig(sourceOf(rest)),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.problems.length === 2 &&
        /^siteNames: no entry for s3\.example\.nhs\.uk \(objectStoreEndpoint\)/.test(error.problems[0] ?? ''),
    );
  });

  it("leaves the cluster's to the instances of CloudNativePG, which have no setting for another", async () => {
    const policies = policiesOf(await deploy('apply', siteSettings));
    const asking = policies.filter(({ spec }) => JSON.stringify(spec.egress ?? []).includes('kube-dns'));
    assert.deepEqual(
      asking.map(({ spec }) => spec.podSelector.matchLabels),
      [{ 'cnpg.io/cluster': 'state-database' }],
    );
  });
});
