import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { importRealm } from './keycloak-realms';
import { type ServerHome, serverHome } from './server-home';

/** URLs of the servers a site has, with an administrator's credentials. */
export interface SiteServers {
  readonly s3: URL;
  readonly postgres: URL;
  readonly openbao: URL;
  readonly keycloak: URL;
}

const audience = 'https://lake.example.nhs.uk/FHIR/R4';

/** The servers this run was given, or the variables that are missing. */
export function siteServers(): SiteServers | string {
  const given = (name: string): URL | undefined => {
    const [text] = (process.env[`LAKE_CONTRACT_${name}`] ?? '').split(',').filter((url) => url !== '');
    return text === undefined ? undefined : new URL(text);
  };
  const [s3, postgres, openbao, keycloak] = ['S3', 'POSTGRES', 'OPENBAO', 'KEYCLOAK'].map(given);
  if (s3 === undefined || postgres === undefined || openbao === undefined || keycloak === undefined)
    return 'set LAKE_CONTRACT_S3, _POSTGRES, _OPENBAO and _KEYCLOAK to the URLs of servers';
  return { s3, postgres, openbao, keycloak };
}

/** A lake on a site's own servers alone: its senders get their tokens from a realm of Keycloak, made as a stack makes it. */
export async function keycloakHome(
  { s3, postgres, openbao, keycloak }: SiteServers,
  senders: readonly string[],
): Promise<ServerHome> {
  const home = await serverHome(s3, postgres, openbao);
  const scopes = ['system/*.cu'];
  const credentials = new Map<string, ProviderCredentials>();
  for (const ods of senders) credentials.set(ods, await home.register(ods, scopes));
  const realm = await importRealm(
    keycloak,
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
