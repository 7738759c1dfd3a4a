import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { siteSettings, sourceOf } from './dev-stack';
import { deploy, type Json, policiesOf, workloadsOf } from './recorded-lake';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES384' }] };
const settings = {
  ...siteSettings,
  ingestHost: 'fhir.example.nhs.uk',
  certificateIssuer: 'site',
  tokenIssuer: 'keycloak',
  keycloakIssuer: 'https://id.example.nhs.uk/realms/lake',
  keycloakInstance: 'identity-team/keycloak',
  keycloakCidrs: '["192.0.2.40/32"]',
  siteNames: '["s3.example.nhs.uk=192.0.2.20","bao.example.nhs.uk=192.0.2.30","id.example.nhs.uk=192.0.2.40"]',
  providers: JSON.stringify([{ ods: 'L99001', name: 'A practice', scopes: ['system/Observation.c'], jwks }]),
};

for (const mode of modes) {
  describe(`Provider access by Keycloak, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, settings);
    });

    it('is a realm beside the instance, and a way to its keys; the own issuer is not deployed', () => {
      const parts = recorded.filter(({ name }) => name.startsWith('token-issuer-'));
      assert.deepEqual(parts.map(kindOf).sort(), ['KeycloakRealmImport', 'NetworkPolicy']);
      const { metadata } = only(recorded, 'token-issuer-realm').inputs as { metadata: Json };
      assert.deepEqual([metadata.namespace, metadata.name], ['identity-team', 'lake']);
      assert.deepEqual(metadata.annotations, { 'pulumi.com/waitFor': 'condition=Done' });
      assert.ok(!recorded.some(({ name }) => name === 'provider-access-service'));
    });

    it('lets the function that takes tokens reach the issuer, and no other', () => {
      const reaching = workloadsOf(recorded).filter(({ labels }) => labels['data-lake/may-reach-issuer'] === 'yes');
      assert.deepEqual(
        reaching.map(({ name }) => name),
        ['ingest-service'],
      );
      const policy = JSON.stringify(policiesOf(recorded).filter(({ metadata }) => metadata.name === 'to-issuer'));
      assert.match(policy, /"cidr":"192\.0\.2\.40\/32"/);
      assert.match(policy, /"port":443/);
    });

    if (mode === 'apply')
      it('gives each declared sender a client with its public key and its scopes alone', () => {
        const { realm } = (only(recorded, 'token-issuer-realm').inputs as { spec: { realm: Json } }).spec;
        const [client, ...others] = realm.clients as readonly Record<string, unknown>[];
        assert.deepEqual(others, []);
        assert.deepEqual(client?.optionalClientScopes, ['system/Observation.c']);
        assert.match(JSON.stringify(realm), /https:\/\/fhir\.example\.nhs\.uk\/FHIR\/R4/);
        assert.doesNotMatch(JSON.stringify(realm), /"d"|"p"|secret/);
        const ingest = JSON.stringify(only(recorded, 'ingest-service').inputs.spec);
        assert.match(ingest, /LAKE_TOKENS/);
        assert.doesNotMatch(ingest, /LAKE_ISSUER/);
      });
  });
}

describe('Provider access by Keycloak', () => {
  it('asks for all it needs at once, and for https in production', () => {
    const { keycloakInstance: _, ...rest } = settings;
    const wrong = { ...rest, keycloakIssuer: 'http://id.example.nhs.uk/realms/lake', keycloakCidrs: '[]' };
    assert.throws(
      () => readConfig(sourceOf(wrong)),
      (error) =>
        error instanceof ConfigError &&
        ['keycloakInstance', 'keycloakCidrs', 'an https address'].every((text) => error.message.includes(text)),
    );
  });
});
