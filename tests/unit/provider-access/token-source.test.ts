import assert from 'node:assert/strict';
import { readHostEnvironment } from '../../../functions/hosts/host-environment';
import { ownIssuer, readTokenSource } from '../../../functions/provider-access/token-source';

const baseUrl = 'https://lake.example/FHIR/R4';
const site = {
  issuer: 'https://id.example/realms/lake',
  jwksUrl: 'https://id.example/keys',
  tokenEndpoint: 'https://id.example/token',
  algorithms: ['ES384'],
  claims: { clientId: 'azp', scope: 'scope' },
};
const read = (changes: Record<string, unknown>) => readTokenSource(JSON.stringify({ ...site, ...changes }), baseUrl);

describe('where tokens come from', () => {
  it('is the own issuer unless the environment names another', () => {
    const host = { LAKE_FUNCTION: 'ingest', LAKE_BINDING: '{}', LAKE_ORIGIN: 'https://lake.example' };
    assert.deepEqual(readHostEnvironment(host).tokens, ownIssuer('https://lake.example', baseUrl));
    const { tokens } = readHostEnvironment({ ...host, LAKE_TOKENS: JSON.stringify(site) });
    assert.equal(tokens.tokenEndpoint, site.tokenEndpoint);
  });

  it('asks for the FHIR base as audience where nothing narrower is said', () => {
    assert.equal(read({}).verification.audience, baseUrl);
    assert.equal(read({ scopePrefix: 'lake/' }).verification.audience, undefined);
    assert.equal(read({ audience: 'api://lake' }).verification.audience, 'api://lake');
  });

  it('is refused with every field that is not right and without a value', () => {
    const wrong = { issuer: 'MARKER', jwksUrl: 7, algorithms: [], claims: { clientId: 'MARKER' }, MARKER: 1 };
    assert.throws(
      () => read(wrong),
      ({ message }: Error) =>
        ['issuer', 'jwksUrl', 'algorithms', 'claims', 'none of its own'].every((name) => message.includes(name)) &&
        !message.includes('MARKER'),
    );
    for (const algorithms of [['HS256'], ['none']]) assert.throws(() => read({ algorithms }), /asymmetric/);
    assert.throws(() => readTokenSource('MARKER', baseUrl), /is a JSON object/);
  });

  it('is refused by the host under the name of its variable', () => {
    const host = { LAKE_FUNCTION: 'ingest', LAKE_BINDING: '{}', LAKE_TOKENS: '{"issuer":"MARKER"}' };
    assert.throws(
      () => readHostEnvironment(host),
      ({ message }: Error) => message.includes('LAKE_TOKENS') && !message.includes('MARKER'),
    );
  });
});
