import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import type { GivenServers } from '../support/given-servers';
import { importRealm } from './keycloak-realms';
import { homeServers, type ServerHome, serverHome } from './server-home';

/** The servers that a site has. */
export const siteServers = [...homeServers, 'keycloak'] as const;

const audience = 'https://lake.example.nhs.uk/FHIR/R4';

/** A lake on a site's own servers alone: its senders get their tokens from a realm of Keycloak, made as a stack makes it. */
export async function keycloakHome(
  servers: GivenServers<(typeof siteServers)[number]>,
  senders: readonly string[],
): Promise<ServerHome> {
  const home = await serverHome(servers);
  const scopes = ['system/*.cu'];
  const credentials = new Map<string, ProviderCredentials>();
  for (const ods of senders) credentials.set(ods, await home.register(ods, scopes));
  const realm = await importRealm(
    servers.keycloak,
    audience,
    [...credentials.values()].map(({ clientId, ods, privateJwk: { d: _, ...publicJwk } }) => ({
      clientId,
      ods,
      scopes,
      jwks: { keys: [publicJwk] },
    })),
  );
  return {
    ...home,
    environment: { ...home.environment, LAKE_TOKENS: realm.tokens },
    tokenUrl: realm.source.tokenEndpoint,
    serves: (manifest) => manifest.name !== 'provider-access',
    register: async (ods) => credentials.get(ods)!,
    remove: async () => {
      await realm.remove();
      await home.remove();
    },
  };
}
