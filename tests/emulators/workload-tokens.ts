import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import type { OpenBaoClient } from '../../adapters/openbao/openbao-client';

/** Tokens of workloads as Kubernetes makes them, by an issuer of the test's own that OpenBao is told to trust. */
export interface WorkloadTokens {
  /** Mount of the auth method. */
  readonly method: string;
  /** Lets these accounts log in with tokens for one audience, which is the name of the role too. */
  allow(role: string, accounts: readonly string[]): Promise<void>;
  tokenOf(account: string, audience: string, lifetime?: string): Promise<string>;
}

const accountClaim = '/kubernetes.io/serviceaccount/name';

/** @param bao with an administrator's rights */
export async function workloadTokens(bao: OpenBaoClient, method: string): Promise<WorkloadTokens> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  await bao.writeOnce(`sys/auth/${method}`, { type: 'jwt' });
  await bao.write(`auth/${method}/config`, { jwt_validation_pubkeys: [await exportSPKI(publicKey)] });
  return {
    method,
    allow: async (role, accounts) => {
      await bao.write(`auth/${method}/role/${role}`, {
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: [role],
        bound_claims: { [accountClaim]: accounts },
        claim_mappings: { [accountClaim]: 'service_account_name' },
        token_policies: [],
        token_no_default_policy: true,
        token_type: 'batch',
        token_ttl: '60s',
      });
    },
    tokenOf: (account, audience, lifetime = '10m') =>
      new SignJWT({ 'kubernetes.io': { serviceaccount: { name: account } } })
        .setProtectedHeader({ alg: 'ES256' })
        .setSubject(`system:serviceaccount:lake:${account}`)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(lifetime)
        .sign(privateKey),
  };
}
