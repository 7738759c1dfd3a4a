import assert from 'node:assert/strict';
import { releaseAddress, releases, servingConfig } from '../../components/platform/kubernetes';
import { readConfig } from '../../stacks/config';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, siteSettings, sourceOf } from './dev-stack';
import { deploy, type Json } from './recorded-lake';

const settings = {
  ...siteSettings,
  ingestHost: 'fhir.example.nhs.uk',
  tokenHost: 'token.example.nhs.uk',
  certificateIssuer: 'site',
  platform: '["knative","cloudNativePg"]',
  events: 'broker',
  deadLetterSink: 'https://dead.example.nhs.uk',
};
const specOf = (recorded: readonly Recorded[], name: string): Json => only(recorded, name).inputs.spec as Json;

for (const mode of modes) {
  describe(`Gateway and platform on Kubernetes, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, settings);
    });

    it('give each public function its name and a certificate, claimed for its namespace', () => {
      const own = recorded.filter(({ name }) => name.startsWith('gateway-'));
      assert.deepEqual(own.map(kindOf).sort(), [
        ...['Certificate', 'Certificate', 'ClusterDomainClaim', 'ClusterDomainClaim', 'DomainMapping', 'DomainMapping'],
      ]);
      assert.deepEqual(specOf(recorded, 'gateway-ingest-certificate').dnsNames, ['fhir.example.nhs.uk']);
      assert.deepEqual(specOf(recorded, 'gateway-ingest-name'), {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'ingest' },
        tls: { secretName: 'ingest-certificate' },
      });
      if (mode === 'apply')
        assert.deepEqual(specOf(recorded, 'gateway-provider-access-claim'), { namespace: 'lake-lake' });
      const service = JSON.stringify(specOf(recorded, 'ingest-service'));
      assert.match(service, /"name":"LAKE_ORIGIN","value":"https:\/\/fhir\.example\.nhs\.uk"/);
      assert.match(service, /"name":"LAKE_ISSUER","value":"https:\/\/token\.example\.nhs\.uk"/);
    });

    it('install the operators that are asked for, and wait for Knative', () => {
      const files = recorded.filter(({ type }) => type === 'kubernetes:yaml/v2:ConfigFile');
      assert.deepEqual(
        files.map(({ inputs }) => inputs.file).sort(),
        [releases.cloudNativePg, releases.knative].sort(),
      );
      for (const kind of ['KnativeServing', 'KnativeEventing']) {
        const { metadata, spec } = only(recorded, `platform-${kind}`).inputs as { metadata: Json; spec: Json };
        assert.deepEqual(metadata.annotations, { 'pulumi.com/waitFor': 'condition=Ready' });
        assert.equal(spec.version, '1.23.0');
      }
    });
  });
}

describe('The platform', () => {
  it("sets Knative up for what the lake's pods name: their resolver, and the memory of the proxy", () => {
    const { features, deployment, domain } = servingConfig('lake.example.nhs.uk');
    assert.equal(features['kubernetes.podspec-dnspolicy'], 'enabled');
    assert.equal(features['kubernetes.podspec-dnsconfig'], 'enabled');
    assert.equal(deployment['queue-sidecar-memory-limit'], '200Mi');
    assert.deepEqual(domain, { 'lake.example.nhs.uk': '' });
  });

  it('pins each release, and finds it on a mirror', () => {
    for (const address of Object.values(releases))
      assert.match(address, /\/(knative-)?v\d+\.\d+\.\d+\/[\w.-]+\.(yaml|tgz)$/);
    assert.equal(
      releaseAddress('certManager', 'https://mirror.example.nhs.uk/k8s'),
      'https://mirror.example.nhs.uk/k8s/certManager/v1.21.1/cert-manager.yaml',
    );
  });

  it('is no part of a stack that has not asked for it', async () => {
    const recorded = await deploy('apply', devSettings);
    assert.deepEqual(
      recorded.filter(({ name }) => name.startsWith('platform') || name.startsWith('gateway-')),
      [],
    );
  });
});

describe('A name of the site', () => {
  it('needs an issuer of certificates, and https', () => {
    const { certificateIssuer, ...without } = settings;
    assert.throws(
      () => readConfig(sourceOf(without)),
      /certificateIssuer: missing; it is needed because ingestHost is set/,
    );
    assert.throws(
      () => readConfig(sourceOf({ ...devSettings, ingestHost: 'fhir.example.nhs.uk', certificateIssuer: 'site' })),
      /scheme: "http"; allowed with ingestHost: https/,
    );
  });
});
