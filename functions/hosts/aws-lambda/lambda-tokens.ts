import type { JWTVerifyGetKey } from 'jose';
import type { BoundKey } from '../../manifest';
import { issuerKeySet } from '../../provider-access/issuer-key-set';
import { remoteKeySet } from '../../provider-access/remote-key-set';
import type { HostEnvironment } from '../host-environment';

/**
 * The public keys of whoever gives tokens, on AWS. From the lake's network no way leads back to its gateway, so the own issuer's
 * are read in KMS; a site's issuer is reached by its endpoint in the network, as Cognito is.
 */
export const tokenKeysOnLambda = (
  { issuer, tokens }: Pick<HostEnvironment, 'issuer' | 'tokens'>,
  publicKey: BoundKey['publicKey'],
): JWTVerifyGetKey =>
  tokens.verification.issuer === issuer ? issuerKeySet(publicKey) : remoteKeySet(new URL(tokens.jwksUrl));
