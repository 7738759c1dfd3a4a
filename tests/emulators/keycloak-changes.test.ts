import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { fetchToken, generateProviderKey } from '../../functions/provider-access/client-assertion';
import { contractEndpoints } from './contract-endpoints';
import { importRealm } from './keycloak-realms';

/** The URL of a Keycloak whose administrator may make realms. */
for (const { url, name } of contractEndpoints('changes of a realm', 'Keycloak', 'LAKE_CONTRACT_KEYCLOAK'))
  describe(`changes of a realm: ${name}`, () => {
    it('a rotated key and a further sender with a scope of its own count from then on, the key before does not', async function () {
      this.timeout(60_000);
      const [before, after, further] = await Promise.all([1, 2, 3].map(() => generateProviderKey('ES384')));
      const old = { clientId: 'l99010', ods: 'L99010', scopes: ['system/Patient.cu'] };
      const added = { clientId: 'l99011', ods: 'L99011', scopes: ['system/Observation.cu'] };
      const declared = [{ ...old, jwks: { keys: [before!.publicJwk] } }];
      const realm = await importRealm(url, 'https://lake.example/FHIR/R4', declared);
      const scopeOf = async (sender: typeof old, key: typeof before): Promise<unknown> => {
        const credentials = { ...sender, privateJwk: key!.privateJwk };
        const { access_token: token } = await fetchToken(credentials, realm.source.tokenEndpoint);
        return decodeJwt(token).scope;
      };
      try {
        assert.equal(await scopeOf(old, before), 'system/Patient.cu');
        const now = [
          { ...old, jwks: { keys: [after!.publicJwk] } },
          { ...added, jwks: { keys: [further!.publicJwk] } },
        ];
        await realm.change(now);
        // As often as a stack is deployed.
        await realm.change(now);
        assert.equal(await scopeOf(old, after), 'system/Patient.cu');
        assert.equal(await scopeOf(added, further), 'system/Observation.cu');
        await assert.rejects(scopeOf(old, before));
      } finally {
        await realm.remove();
      }
    });
  });
