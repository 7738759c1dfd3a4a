import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type OpenBaoAddress, OpenBaoClient } from '../../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../../adapters/openbao/openbao-key-management';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { PostgresServer } from '../../../adapters/postgres/postgres-admin';
import { keyUses, type Zone, zones } from '../../manifest';
import { bucketPolicy } from '../../manifest-bucket-policy';
import { openBaoPolicy } from '../../manifest-grants';
import type { DeclaredProvider } from '../../provider-access/declared-providers';
import type { DatabaseName } from '../../state-store';
import { prepareContents, prepareDatabases, type RoleLogin } from '../prepare-databases';
import { checkSettings, type Form, has, isList, isMap, isNumber, isText, orNone } from '../settings-form';
import { companionManifests, knativeManifests } from './manifests';

/** What `prepare` is told: where the servers are and how each function logs in. Secrets come in files. */
export interface PrepareSettings {
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly passwordFile: string;
    /** PEM of the authority that signed the server's certificate; without it the connection is not encrypted. */
    readonly caFile?: string;
  };
  readonly databases: Readonly<Record<DatabaseName, string>>;
  /** By the name of the function: its role, and the file with the role's password. */
  readonly roles: Readonly<Record<string, { readonly user: string; readonly passwordFile: string }>>;
  readonly openbao: {
    readonly address: string;
    readonly mount: string;
    /** A file with an administrator's token; or the role that a declarative start of OpenBao gave this job. */
    readonly login: OpenBaoAddress['login'];
  };
  /** Buckets to make, where the stack brings its own store; the SDK finds the credentials. */
  readonly buckets?: {
    readonly endpoint: string;
    readonly region: string;
    readonly names: Readonly<Record<Zone, string>>;
    /** By the name of the function: the access key id of its login, which its bucket policies name. */
    readonly logins: Readonly<Record<string, string>>;
    /** Days for which nobody can delete what is in the bucket of the audit; without it the bucket has no Object Lock. */
    readonly auditLockDays?: number;
  };
  /** Who may send; the register becomes this list. Without it the register is left alone. */
  readonly providers?: readonly DeclaredProvider[];
  /** By the name of a function that is asked: the service accounts that may ask it. */
  readonly callers?: Readonly<Record<string, readonly ServiceAccount[]>>;
  /** By the name of the function: the service account that logs in as it (OpenBao's Kubernetes auth method). */
  readonly serviceAccounts?: Readonly<Record<string, ServiceAccount>>;
}

interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** Name of the policy and of the login of a function in OpenBao. */
export const openBaoRole = (mount: string, name: string): string => `${mount}-${name}`;

/** @param setting that names the file: the name of a file is none of a message's business */
function secretIn(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const message = `${variable}: ${setting}: names a file that cannot be read. Mount the secret where it says.`;
    throw new LakeError('InvalidArgument', message, { cause });
  }
}

/**
 * Sets up what the functions find: databases with their tables, a role for each function with the grants of its manifest,
 * keys, a policy for each function, the first pseudonym key. Safe to repeat: every deployment runs it.
 *
 * @param begins is told the name of each step
 */
export async function prepare(
  settings: PrepareSettings,
  begins: (step: string) => void = () => undefined,
): Promise<void> {
  const { databases, openbao } = settings;
  const server = serverOf(settings);
  begins('databases and roles');
  await retryWhileAway(() => prepareDatabases({ databases, roles: passwordsOf(settings) }, server, knativeManifests));
  const { buckets } = settings;
  if (buckets !== undefined) {
    begins('buckets');
    const { ensureBuckets } =
      require('../../../adapters/s3-compatible/s3-admin') as typeof import('../../../adapters/s3-compatible/s3-admin');
    const { endpoint, region, names, logins, auditLockDays } = buckets;
    const manifests = [...knativeManifests, ...companionManifests].filter(({ name }) => logins[name] !== undefined);
    const wanted = zones.map((zone) => {
      const lock = zone === 'audit' && auditLockDays !== undefined ? { lockDays: auditLockDays } : {};
      const policy = bucketPolicy(zone, names[zone], manifests, logins, 'lockDays' in lock);
      const opened = policy.Statement.length === 0 ? {} : { policy: JSON.stringify(policy) };
      return { name: names[zone], ...lock, ...opened };
    });
    await retryWhileAway(() => ensureBuckets({ endpoint, region }, wanted));
  }
  const client = new OpenBaoClient(openbao);
  begins('keys and policies');
  await retryWhileAway(() => prepareKeys(settings, client));
  const keys = new OpenBaoKeyManagement(client, openbao.mount);
  await prepareContents({ server, database: databases.lake, keys, providers: settings.providers }, begins);
}

export function serverOf({ postgres: { host, port, user, passwordFile, caFile } }: PrepareSettings): PostgresServer {
  return {
    host,
    port,
    user,
    password: secretIn(passwordFile, 'postgres.passwordFile'),
    ...(caFile === undefined ? {} : { ssl: { ca: secretIn(caFile, 'postgres.caFile') } }),
  };
}

const passwordsOf = ({ roles }: PrepareSettings): Readonly<Record<string, RoleLogin>> =>
  Object.fromEntries(
    Object.entries(roles).map(([name, { user, passwordFile }]) => [
      name,
      { user, password: secretIn(passwordFile, 'a passwordFile of roles') },
    ]),
  );

/** The role, and the audience of the tokens, by which a function learns who asks it. */
const callsRole = (mount: string, name: string): string => `${mount}-calls-${name}`;

export async function ensureTransit(client: OpenBaoClient, mount: string): Promise<void> {
  const { data: mounts } = await client.read('sys/mounts');
  if (!Object.hasOwn((mounts ?? {}) as object, `${mount}/`))
    await client.writeOnce(`sys/mounts/${mount}`, { type: 'transit' });
}

async function prepareKeys(
  { openbao: { mount }, serviceAccounts = {}, callers = {} }: PrepareSettings,
  client: OpenBaoClient,
) {
  await ensureTransit(client, mount);
  const keys = new OpenBaoKeyManagement(client, mount);
  for (const [name, use] of Object.entries(keyUses)) await keys.createKey(name, use);
  for (const manifest of knativeManifests) {
    const policy = openBaoPolicy(manifest, mount);
    const name = openBaoRole(mount, manifest.name);
    await client.write(`sys/policies/acl/${name}`, { policy: policy === '' ? '# no key' : policy });
    const account = serviceAccounts[manifest.name];
    if (account === undefined) continue;
    await client.write(`auth/kubernetes/role/${name}`, {
      bound_service_account_names: [account.name],
      bound_service_account_namespaces: [account.namespace],
      token_policies: [name],
      token_no_default_policy: true,
      token_ttl: '1h',
    });
  }
  for (const [name, accounts] of Object.entries(callers)) {
    await client.write(`auth/kubernetes/role/${callsRole(mount, name)}`, {
      bound_service_account_names: accounts.map((account) => account.name),
      bound_service_account_namespaces: [...new Set(accounts.map((account) => account.namespace))],
      audience: callsRole(mount, name),
      // It says who somebody is and opens nothing: no policy, not kept, over at once.
      token_policies: [],
      token_no_default_policy: true,
      token_type: 'batch',
      token_ttl: '60s',
    });
  }
}

/** Servers that are deployed beside it need a while: two minutes, then it is the next attempt's turn. */
async function retryWhileAway(work: () => Promise<void>): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLakeError(error, 'Unavailable') || Date.now() > until) throw error;
      await setTimeout(2000);
    }
  }
}

const variable = 'LAKE_PREPARE';

const isAccount = has({ namespace: isText, name: isText });
const fields: Readonly<Record<keyof PrepareSettings, Form>> = {
  postgres: [
    has({ host: isText, port: isNumber, user: isText, passwordFile: isText, caFile: orNone(isText) }),
    'where the server is and who prepares it, { host, port, user, passwordFile, caFile? }',
  ],
  databases: [has({ lake: isText, identity: isText }), 'the names of both databases, { lake, identity }'],
  roles: [isMap(has({ user: isText, passwordFile: isText })), '{ user, passwordFile } by the name of the function'],
  openbao: [
    has({
      address: isText,
      mount: isText,
      login: (one) => has({ tokenFile: isText })(one) || has({ role: isText, jwtFile: isText })(one),
    }),
    '{ address, mount, login }, the login { tokenFile } or { role, jwtFile }',
  ],
  buckets: [
    orNone(
      has({
        ...{ endpoint: isText, region: isText, logins: isMap(isText), auditLockDays: orNone(isNumber) },
        names: has(Object.fromEntries(zones.map((zone) => [zone, isText]))),
      }),
    ),
    'left out, or { endpoint, region, names, logins, auditLockDays? } with a name for each zone',
  ],
  providers: [orNone(isList()), 'left out, or a list of declared providers'],
  callers: [
    orNone(isMap(isList(isAccount))),
    'left out, or lists of { namespace, name } by the function that they may ask',
  ],
  serviceAccounts: [orNone(isMap(isAccount)), 'left out, or { namespace, name } by the name of the function'],
};

/**
 * Reads the settings from the environment of the job.
 *
 * @throws LakeError `InvalidArgument` with everything that is not right, and no value.
 * @public loaded by name when the process is this job
 */
export function readPrepareSettings(text: string | undefined): PrepareSettings {
  if (text === undefined) throw new LakeError('InvalidArgument', `${variable}: missing; the settings as JSON.`);
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch {
    // What is no JSON is no object either, and its error repeats a part of it.
  }
  checkSettings(variable, settings, fields);
  return settings as PrepareSettings;
}
