import { KMSClient } from '@aws-sdk/client-kms';
import { SignatureV4 } from '@smithy/signature-v4';
import { LakeError } from '../ports/errors';

export interface RdsLogin {
  readonly host: string;
  readonly port: number;
  /** A role of the database that was granted `rds_iam`. */
  readonly user: string;
  readonly region: string;
}

/** The longest RDS takes; only the login must fall into it, the connection may last. */
const seconds = 900;

/**
 * Passwords of a database role by IAM: a request to connect, signed with the function's own credentials, never sent
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html). Each call signs
 * anew; nothing goes over the network.
 */
export function rdsTokens({ host, port, user, region }: RdsLogin): () => Promise<string> {
  // The chain that finds credentials, and the hash, are those of every client of the SDK.
  const { credentials, sha256 } = new KMSClient({ region }).config;
  const signer = new SignatureV4({ service: 'rds-db', region, credentials, sha256, applyChecksum: false });
  return async () => {
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      port,
      path: '/',
      headers: { host: `${host}:${port}` },
      query: { Action: 'connect', DBUser: user },
    };
    try {
      const { query = {} } = await signer.presign(request, { expiresIn: seconds });
      const text = new URLSearchParams(query as Record<string, string>).toString().replaceAll('+', '%20');
      return `${host}:${port}/?${text}`;
    } catch (cause) {
      throw new LakeError('PermissionDenied', 'No credentials were found to log in to the database with.', { cause });
    }
  };
}
