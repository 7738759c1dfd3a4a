import { createPublicKey, verify } from 'node:crypto';
import type { Signature } from '../../adapters/ports/key-management';
import { canonicalJson } from '../audit/canonical-json';
import type { ErasureCertificate } from './erasure-plan';

type Statement = Omit<ErasureCertificate, 'signature'>;

const signingInput = ({ id, requested, completed, reason, erased }: Statement): Buffer =>
  Buffer.from(`nhs-data-lake erasure\n${canonicalJson({ id, requested, completed, reason, erased })}`, 'utf8');

export async function certify(
  statement: Statement,
  sign: (bytes: Uint8Array) => Promise<Signature>,
): Promise<ErasureCertificate> {
  const { algorithm, version, bytes } = await sign(signingInput(statement));
  return { ...statement, signature: { algorithm, keyVersion: version, value: Buffer.from(bytes).toString('base64') } };
}

/** @param publicKeyPem the key `audit` of the version that the certificate names. */
export function isGenuine(certificate: ErasureCertificate, publicKeyPem: string): boolean {
  const key = { key: createPublicKey(publicKeyPem), dsaEncoding: 'ieee-p1363' as const };
  return verify('sha384', signingInput(certificate), key, Buffer.from(certificate.signature.value, 'base64'));
}
