import { fetchToken, type ProviderCredentials } from '../provider-access/client-assertion';

/** Gives a token that lives a while longer, fetching a new one when needed. */
export function tokenSource(credentials: ProviderCredentials, tokenUrl: string): (fresh: boolean) => Promise<string> {
  let current: { token: string; until: number } | undefined;
  return async (fresh) => {
    if (fresh || current === undefined || current.until < Date.now()) {
      const { access_token: token, expires_in: seconds } = await fetchToken(credentials, tokenUrl);
      current = { token, until: Date.now() + (seconds - 30) * 1000 };
    }
    return current.token;
  };
}
