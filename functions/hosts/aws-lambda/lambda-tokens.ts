import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import type { BoundKey } from '../../manifest';
import { issuerKeySet } from '../../provider-access/issuer-key-set';
import { remoteKeySet } from '../../provider-access/remote-key-set';
import type { HostEnvironment } from '../host-environment';

/**
 * The public keys of whoever gives tokens, on AWS. From the lake's network no way leads back to its gateway, so the own issuer's
 * are read in KMS; nor does one lead to Cognito, whose endpoints refuse pools with a domain (Cognito Developer Guide, "Access
 * Amazon Cognito using an interface endpoint"), so those stand in the settings of the stack.
 */
export const tokenKeysOnLambda = (
  { issuer, tokens }: Pick<HostEnvironment, 'issuer' | 'tokens'>,
  publicKey: BoundKey['publicKey'],
): JWTVerifyGetKey => {
  const { keys, jwksUrl, verification } = tokens;
  if (verification.issuer === issuer) return issuerKeySet(publicKey);
  return keys === undefined ? remoteKeySet(new URL(jwksUrl)) : createLocalJWKSet({ keys: [...keys] });
};
