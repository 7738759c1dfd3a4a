import { randomBytes } from 'node:crypto';
import { keycloakRealm, keycloakTokens, type RealmProvider } from '../../components/provider-access/keycloak-realm';
import { readTokenSource, type TokenSource } from '../../functions/provider-access/token-source';

export interface KeycloakRealm {
  readonly issuer: string;
  /** LAKE_TOKENS of a lake that takes its tokens. */
  readonly tokens: string;
  readonly source: TokenSource;
  /**
   * What `docs/deploy-kubernetes.md` says to do when other senders are declared, as Keycloak's operator changes no realm: scopes
   * that are not there, then every client anew.
   */
  readonly change: (providers: readonly RealmProvider[]) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/**
 * Imports the realm of a stack into a Keycloak under a name of its own, as its operator does with a KeycloakRealmImport.
 *
 * @param server URL with the administrator's name and password
 */
export async function importRealm(
  server: URL,
  audience: string,
  providers: readonly RealmProvider[],
): Promise<KeycloakRealm> {
  const administer = async (path: string, method: string, body?: object, fine?: number): Promise<Response> => {
    const signedIn = await fetch(`${server.origin}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: decodeURIComponent(server.username),
        password: decodeURIComponent(server.password),
      }),
    });
    const { access_token: token } = (await signedIn.json()) as { readonly access_token?: string };
    const answer = await fetch(`${server.origin}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok && answer.status !== fine)
      throw new Error(`Keycloak answered ${answer.status} to ${method}: ${await answer.text()}`);
    return answer;
  };
  const realm = `lake-${randomBytes(4).toString('hex')}`;
  await administer('', 'POST', keycloakRealm({ realm, audience, providers }));
  const issuer = `${server.origin}/realms/${realm}`;
  const tokens = JSON.stringify(keycloakTokens(issuer, audience));
  return {
    issuer,
    tokens,
    source: readTokenSource(tokens, audience),
    change: async (declared) => {
      const { clientScopes, clients } = keycloakRealm({ realm, audience, providers: declared });
      for (const scope of clientScopes as readonly object[])
        await administer(`/${realm}/client-scopes`, 'POST', scope, 409);
      for (const client of clients as readonly { readonly clientId: string }[]) {
        // Made anew: a partial import leaves a client without the service account that client credentials need.
        const there = await administer(`/${realm}/clients?clientId=${client.clientId}`, 'GET');
        for (const { id } of (await there.json()) as readonly { readonly id: string }[])
          await administer(`/${realm}/clients/${id}`, 'DELETE');
        await administer(`/${realm}/clients`, 'POST', client);
      }
    },
    remove: async () => {
      await administer(`/${realm}`, 'DELETE');
    },
  };
}
