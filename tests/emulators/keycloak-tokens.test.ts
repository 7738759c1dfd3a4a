import { generateProviderKey, type ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { assertionAlgorithms } from '../../functions/provider-access/token-endpoint';
import { registeredScopes, type TokensHarness, tokensContract } from '../contract/tokens.contract';
import { contractEndpoints } from './contract-endpoints';
import { importRealm } from './keycloak-realms';

const scopes = registeredScopes;

/** The URL of a Keycloak whose administrator may make realms. */
for (const { url, name } of contractEndpoints('Tokens', 'Keycloak', 'LAKE_CONTRACT_KEYCLOAK'))
  tokensContract(
    name,
    async () => {
      const keys = await Promise.all(assertionAlgorithms.map((alg) => generateProviderKey(alg)));
      const senders = assertionAlgorithms.map((alg, index): readonly [string, ProviderCredentials] => {
        const [clientId, ods] = [`l9900${index}`, `L9900${index}`];
        return [alg, { clientId, ods, scopes, privateJwk: keys[index]!.privateJwk }];
      });
      const realm = await importRealm(
        url,
        'https://lake.example/FHIR/R4',
        senders.map(([, { clientId, ods }], index) => ({
          clientId,
          ods,
          scopes,
          jwks: { keys: [keys[index]!.publicJwk] },
        })),
      );
      return {
        source: realm.source,
        senders: Object.fromEntries(senders) as TokensHarness['senders'],
        stop: realm.remove,
      };
    },
    'taken',
  );
