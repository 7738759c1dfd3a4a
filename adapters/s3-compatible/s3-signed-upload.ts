import type { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { LakeError } from '../ports/errors';
import type { PromisedUpload, SignedUpload } from '../ports/object-store';

/** One PUT takes no more (S3 User Guide, "Uploading objects"). */
const maxBytes = 5 * 1024 ** 3;
const longest = 15 * 60;
/** What is signed of a body that is not there yet; its own SHA-256 is a header of its own. */
const unsigned = 'UNSIGNED-PAYLOAD';

/**
 * Signature Version 4 in a query (S3 API Reference, "Authenticating Requests: Using Query Parameters"). What binds the upload is
 * signed as headers, which the store demands as they are: its length, its type, its SHA-256, and that nothing is there yet.
 */
export async function signUpload(
  client: S3Client,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { size, sha256, contentType, seconds }: PromisedUpload,
): Promise<SignedUpload> {
  if (!Number.isSafeInteger(size) || size < 1 || size > maxBytes)
    throw new LakeError('InvalidArgument', `One upload holds 1 to ${maxBytes} bytes. Split it into several.`);
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new LakeError('InvalidArgument', 'A SHA-256 is 64 hexadecimal digits in lower case.');
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longest)
    throw new LakeError('InvalidArgument', `A signed upload is good for 1 to ${longest} seconds.`);
  const address = await addressOf(client, bucket, key);
  const bound = {
    'content-length': String(size),
    'content-type': contentType,
    'if-none-match': '*',
    'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
  };
  const { credentials, sha256: hash, region } = client.config;
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: hash,
    // A path of S3 is encoded once.
    uriEscapePath: false,
    applyChecksum: false,
  });
  const signingDate = new Date();
  try {
    const { query = {} } = await signer.presign(
      {
        method: 'PUT',
        protocol: address.protocol,
        hostname: address.hostname,
        ...(address.port === '' ? {} : { port: Number(address.port) }),
        path: address.pathname,
        headers: { host: address.host, ...bound, 'x-amz-content-sha256': unsigned },
        query: {},
      },
      { expiresIn: seconds, signingDate, unhoistableHeaders: new Set(Object.keys(bound)) },
    );
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
  } catch (cause) {
    throw new LakeError('PermissionDenied', 'No credentials were found to sign the upload with.', { cause });
  }
  // Whoever sends it says its length by sending it.
  const { 'content-length': _, ...headers } = bound;
  return { url: address.href, headers, expires: new Date(signingDate.getTime() + seconds * 1000) };
}

/** RFC 3986 for every character, as the signature demands. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Where the client itself would put the object. */
async function addressOf({ config }: S3Client, bucket: string, key: string): Promise<URL> {
  const path = key.split('/').map(escaped).join('/');
  const given = await config.endpoint?.();
  if (given === undefined) return new URL(`https://${bucket}.s3.${await config.region()}.amazonaws.com/${path}`);
  const host = given.port === undefined ? given.hostname : `${given.hostname}:${given.port}`;
  return new URL(
    config.forcePathStyle === true
      ? `${given.protocol}//${host}/${bucket}/${path}`
      : `${given.protocol}//${bucket}.${host}/${path}`,
  );
}
