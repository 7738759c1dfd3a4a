import { readFileSync } from 'node:fs';
import { loginFromSecret } from '../../../../adapters/aws/extension-secret';
import { openKms } from '../../../../adapters/aws/open-kms';
import type { KeyBinding } from '../../../../adapters/bindings';
import { isLakeError, LakeError } from '../../../../adapters/ports/errors';
import type { PostgresServer } from '../../../../adapters/postgres/postgres-admin';
import type { DeclaredProvider } from '../../../provider-access/declared-providers';
import type { DatabaseName } from '../../../state-store';
import { logFailure } from '../../log-failure';
import { prepareContents, prepareDatabases } from '../../prepare-databases';
import { checkSettings, type Form, has, isList, isMap, isNumber, isText, orNone } from '../../settings-form';
import { lambdaManifests } from '../manifests';

interface PreparedServer {
  readonly host: string;
  readonly port: number;
  /** The secret with the login of the database's first user, as RDS keeps it. */
  readonly secretId: string;
  /** The certificate authority of RDS; without it the connection is not encrypted (emulators only). */
  readonly caFile?: string;
}

/** What a deployment invokes this function with; no secret stands in it. */
export interface LambdaPrepareEvent {
  /** Where the databases of its own zone are: the identity zone has a server, and a function of its own that prepares it. */
  readonly servers: Readonly<Partial<Record<DatabaseName, PreparedServer>>>;
  readonly databases: Readonly<Partial<Record<DatabaseName, string>>>;
  /** By the name of the function, its role in the databases: it logs in by IAM. */
  readonly roles: Readonly<Record<string, string>>;
  readonly keys: Extract<KeyBinding, { kind: 'aws-kms' }>;
  readonly providers?: readonly DeclaredProvider[];
  /** By ODS code, the client ids that Cognito gave them. */
  readonly clientIds?: Readonly<Record<string, string>>;
}

const server = orNone(has({ host: isText, port: isNumber, secretId: isText, caFile: orNone(isText) }));
const fields: Readonly<Record<keyof LambdaPrepareEvent, Form>> = {
  servers: [
    has({ lake: server, identity: server }),
    'the servers of this zone, { host, port, secretId, caFile? } by the name of the database, lake or identity',
  ],
  databases: [
    has({ lake: orNone(isText), identity: orNone(isText) }),
    'what the databases are called, by their names lake and identity',
  ],
  roles: [isMap(isText), 'roles in the databases by the name of the function'],
  keys: [
    has({ kind: (one) => one === 'aws-kms', region: isText, aliasPrefix: isText, endpoint: orNone(isText) }),
    '{ kind, region, aliasPrefix }, the kind aws-kms',
  ],
  providers: [orNone(isList()), 'left out, or a list of declared providers'],
  clientIds: [orNone(isMap(isText)), 'left out, or client ids by ODS code'],
};

/**
 * Sets up what the functions find, once the stack has made servers and keys: databases with their tables, a role for each
 * function with the grants of its manifest, the first pseudonym key, declared providers. Safe to repeat: every deployment
 * invokes it.
 */
export async function handler(event: LambdaPrepareEvent): Promise<{ readonly prepared: readonly string[] }> {
  const steps: string[] = ['databases and roles'];
  try {
    checkSettings('The event', event, fields);
    const { servers, databases, roles, keys, providers, clientIds } = event;
    const byIam = Object.fromEntries(Object.entries(roles).map(([name, user]) => [name, { user }]));
    for (const name of ['lake', 'identity'] as const) {
      const [place, database] = [servers[name], databases[name]];
      if (place === undefined || database === undefined) continue;
      const server = await openServer(place);
      await prepareDatabases({ databases: { [name]: database }, roles: byIam }, server, lambdaManifests);
      if (name === 'identity') continue;
      steps.push('contents');
      const contents = { server, database, keys: openKms(keys), providers, clientIds };
      await prepareContents(contents, (step) => steps.push(step));
    }
    return { prepared: steps };
  } catch (error) {
    logFailure(error);
    // Lambda gives message and causes to whoever invoked it: only what the lake itself says goes out.
    throw isLakeError(error) ? new LakeError(error.code, error.message) : new LakeError('Unknown', 'Preparing failed.');
  }
}

const openServer = async ({ host, port, secretId, caFile }: PreparedServer): Promise<PostgresServer> => ({
  host,
  port,
  ...(await loginFromSecret(secretId)),
  ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
});
