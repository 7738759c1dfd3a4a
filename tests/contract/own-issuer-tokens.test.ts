import { assertionAlgorithms } from '../../functions/provider-access/token-endpoint';
import { ownIssuer } from '../../functions/provider-access/token-source';
import { IssuerUnderTest } from '../unit/provider-access/issuer-under-test';
import { registeredScopes, type TokensHarness, tokensContract } from './tokens.contract';

tokensContract("oidc-provider, the lake's own issuer", async () => {
  const issuer = await new IssuerUnderTest().start();
  const senders = await Promise.all(
    assertionAlgorithms.map(async (alg, index) => [alg, await issuer.provider(`L9900${index}`, registeredScopes, alg)]),
  );
  return {
    source: ownIssuer(issuer.origin, issuer.audience),
    senders: Object.fromEntries(senders) as TokensHarness['senders'],
    stop: async () => {
      await issuer.stop();
      issuer.remove();
    },
  };
});
