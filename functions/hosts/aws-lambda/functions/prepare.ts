import { readFileSync } from 'node:fs';
import { loginFromSecret } from '../../../../adapters/aws/extension-secret';
import { openKms } from '../../../../adapters/aws/open-kms';
import type { KeyBinding } from '../../../../adapters/bindings';
import { isLakeError, LakeError } from '../../../../adapters/ports/errors';
import type { DeclaredProvider } from '../../../provider-access/declared-providers';
import { knativeManifests } from '../../knative/manifests';
import { logFailure } from '../../log-failure';
import { type LakeDatabases, prepareContents, prepareDatabases } from '../../prepare-databases';

/** What a deployment invokes this function with; no secret stands in it. */
export interface LambdaPrepareEvent {
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** The secret with the login of the database's first user, as RDS keeps it. */
    readonly secretId: string;
    /** The certificate authority of RDS; without it the connection is not encrypted (emulators only). */
    readonly caFile?: string;
  };
  readonly databases: LakeDatabases['databases'];
  /** By the name of the function, its role in the databases: it logs in by IAM. */
  readonly roles: Readonly<Record<string, string>>;
  readonly keys: Extract<KeyBinding, { kind: 'aws-kms' }>;
  readonly providers?: readonly DeclaredProvider[];
}

/**
 * Sets up what the functions find, once the stack has made servers and keys: databases with their tables, a role for each
 * function with the grants of its manifest, the first pseudonym key, declared providers. Safe to repeat: every deployment
 * invokes it.
 */
export async function handler({
  server: { host, port, secretId, caFile },
  databases,
  roles,
  keys,
  providers,
}: LambdaPrepareEvent): Promise<{ readonly prepared: readonly string[] }> {
  const steps: string[] = ['databases and roles', 'contents'];
  try {
    const ca = caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } };
    const server = { host, port, ...(await loginFromSecret(secretId)), ...ca };
    const byIam = Object.fromEntries(Object.entries(roles).map(([name, user]) => [name, { user }]));
    await prepareDatabases({ databases, roles: byIam }, server, knativeManifests);
    const contents = { server, database: databases.lake, keys: openKms(keys), providers };
    await prepareContents(contents, (step) => steps.push(step));
    return { prepared: steps };
  } catch (error) {
    logFailure(error);
    // Lambda gives message and causes to whoever invoked it: only what the lake itself says goes out.
    throw isLakeError(error) ? new LakeError(error.code, error.message) : new LakeError('Unknown', 'Preparing failed.');
  }
}
