import type { JWK } from 'jose';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { gatheredLooks } from '../gathered-looks';
import { defineStateStore } from '../state-store';
import { checkPublicKey, checkPublicKeys } from './public-keys';
import { parseScope } from './scopes';

export const nhsNumberHandlings = ['reject', 'quarantine', 'flag'] as const;
export type NhsNumberHandling = (typeof nhsNumberHandlings)[number];

/** An organisation that may send, and the public keys it proves itself with. */
export interface Provider {
  readonly clientId: string;
  /** ODS code (https://digital.nhs.uk/services/organisation-data-service). */
  readonly ods: string;
  readonly name: string;
  /** Public keys, the newest first; two during a rotation, none where a site's issuer knows it by a secret. */
  readonly keys: readonly JWK[];
  readonly scopes: readonly string[];
  readonly nhsNumberPolicy: NhsNumberHandling;
  /** Canonical URL of the profile its resources are checked against when they name none. */
  readonly defaultProfile?: string | undefined;
  readonly disabled: boolean;
}

export interface RegisteredProvider extends Provider {
  /** Disabled by a person, and until a person enables it: no deployment lets it in. */
  readonly shutOut: boolean;
  /** RFC 3339. */
  readonly created: string;
}

/**
 * Who may send. Every change takes its audit record and writes it in the same transaction.
 * Errors: `InvalidArgument` (a field is refused), `AlreadyExists` (client id, ODS code or kid), `NotFound` (no such client).
 */
export interface ProviderRegister {
  register(provider: Provider, audit: AuditRecord): Promise<void>;
  list(): Promise<readonly RegisteredProvider[]>;
  find(clientId: string): Promise<RegisteredProvider | undefined>;
  /** As a person does. Holds from the next request on: neither the token endpoint nor the API remembers a provider. */
  disable(clientId: string, audit: AuditRecord): Promise<void>;
  /** Ends what a person did; `PreconditionFailed` when none has. */
  enable(clientId: string, audit: AuditRecord): Promise<void>;
  /**
   * Puts other fields in the place of all that the provider of this ODS code has, its client id among them. One that a person
   * disabled stays so, whatever they say.
   */
  replace(provider: Provider, audit: AuditRecord): Promise<void>;
  /** Puts a new key first and keeps the newest of the old ones, so that a running sender is not cut off. */
  rotateKey(clientId: string, key: JWK, audit: AuditRecord): Promise<void>;
  /** Takes a key away, when a rotation is complete or the key is disclosed; the last one stays (disable instead). */
  retireKey(clientId: string, kid: string, audit: AuditRecord): Promise<void>;
}

interface Row {
  readonly client_id: string;
  readonly ods: string;
  readonly name: string;
  readonly keys: string;
  readonly scopes: string;
  readonly nhs_number_policy: string;
  readonly default_profile: string | null;
  readonly disabled: number;
  readonly shut_out: number;
  readonly created: string;
}

const providerOf = (row: Row): RegisteredProvider => ({
  clientId: row.client_id,
  ods: row.ods,
  name: row.name,
  keys: JSON.parse(row.keys) as JWK[],
  scopes: row.scopes.split(' '),
  nhsNumberPolicy: row.nhs_number_policy as NhsNumberHandling,
  ...(row.default_profile === null ? {} : { defaultProfile: row.default_profile }),
  disabled: row.disabled === 1,
  shutOut: row.shut_out === 1,
  created: row.created,
});

const columns = 'client_id, ods, name, keys, scopes, nhs_number_policy, default_profile, disabled, created';
const select = `SELECT ${columns}, shut_out FROM provider`;
const refused = (message: string): LakeError => new LakeError('InvalidArgument', message);

/** @throws LakeError `InvalidArgument` naming the field that is refused; its keys are `checkPublicKeys`' business. */
export function checkProvider({ clientId, ods, name, scopes, nhsNumberPolicy, defaultProfile }: Provider): void {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(clientId)) throw refused('A client id is 1 to 64 letters, digits and . _ -');
  if (!/^[A-Z0-9]{3,12}$/.test(ods)) throw refused('An ODS code is 3 to 12 capital letters and digits.');
  if (!/^\P{Cc}{1,200}$/u.test(name)) throw refused('A name is 1 to 200 characters without control characters.');
  if (scopes.length === 0 || scopes.some((scope) => parseScope(scope) === undefined)) {
    throw refused('Scopes are system/{Type}.c, .u or .cu with a resource type of R4 or *, at least one.');
  }
  if (!nhsNumberHandlings.includes(nhsNumberPolicy))
    throw refused(`The NHS number policy is one of ${nhsNumberHandlings.join(', ')}.`);
  if (defaultProfile !== undefined && !URL.canParse(defaultProfile))
    throw refused('A default profile is the canonical URL of a StructureDefinition.');
}

const keysText = ({ keys }: Provider): string => JSON.stringify(keys.length === 0 ? [] : checkPublicKeys(keys));

async function providerIn(transaction: StateTransaction, clientId: string): Promise<RegisteredProvider> {
  const [row] = await transaction.query<Row>(`${select} WHERE client_id = ?`, [clientId]);
  if (row === undefined) throw noProvider();
  return providerOf(row);
}

const noProvider = (): LakeError =>
  new LakeError('NotFound', 'No such provider is registered. `lake provider list` shows those there are.');

const selectGrant = { table: 'provider', privilege: 'SELECT' } as const;
const updateGrant = (column: string) => ({ table: 'provider', privilege: 'UPDATE', columns: [column] }) as const;
const letIn = [updateGrant('disabled'), updateGrant('shut_out')];

export const providerRegisterStore = defineStateStore<ProviderRegister>({
  name: 'provider-register',
  database: 'lake',
  migrations: [
    {
      id: 'provider-register-0001-providers',
      statements: [
        `CREATE TABLE provider (
           client_id TEXT PRIMARY KEY, ods TEXT NOT NULL UNIQUE, name TEXT NOT NULL, keys TEXT NOT NULL, scopes TEXT NOT NULL,
           nhs_number_policy TEXT NOT NULL, disabled INTEGER NOT NULL, created TEXT NOT NULL)`,
      ],
    },
    {
      id: 'provider-register-0002-default-profile',
      statements: ['ALTER TABLE provider ADD COLUMN default_profile TEXT'],
    },
    {
      // Of those disabled before, nobody wrote down by whom: a person has to look.
      id: 'provider-register-0003-shut-out',
      statements: [
        'ALTER TABLE provider ADD COLUMN shut_out INTEGER NOT NULL DEFAULT 0',
        'UPDATE provider SET shut_out = disabled',
      ],
    },
  ],
  grants: {
    register: [{ table: 'provider', privilege: 'INSERT' }, auditInsert],
    list: [selectGrant],
    find: [selectGrant],
    disable: [selectGrant, ...letIn, auditInsert],
    enable: [selectGrant, ...letIn, auditInsert],
    replace: [selectGrant, { table: 'provider', privilege: 'UPDATE' }, auditInsert],
    rotateKey: [selectGrant, updateGrant('keys'), auditInsert],
    retireKey: [selectGrant, updateGrant('keys'), auditInsert],
  },
  open: (database) => {
    const storeKeys = (transaction: StateTransaction, clientId: string, keys: readonly JWK[]): Promise<number> =>
      transaction.run('UPDATE provider SET keys = ? WHERE client_id = ?', [JSON.stringify(keys), clientId]);
    return {
      register: async (provider, audit) => {
        checkProvider(provider);
        const { clientId, ods, name, scopes, nhsNumberPolicy, defaultProfile = null, disabled } = provider;
        const keys = keysText(provider);
        try {
          await database.transaction(async (tx) => {
            await tx.run(`INSERT INTO provider (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
              ...[clientId, ods, name, keys, scopes.join(' '), nhsNumberPolicy, defaultProfile],
              disabled ? 1 : 0,
              audit.recorded,
            ]);
            await appendAudit(tx, audit);
          });
        } catch (cause) {
          if (!isLakeError(cause, 'AlreadyExists')) throw cause;
          throw new LakeError(
            'AlreadyExists',
            'This client id or ODS code is registered already. Give it a new key with `lake provider rotate-key`.',
            { cause },
          );
        }
      },
      list: () => database.snapshot(async (tx) => (await tx.query<Row>(`${select} ORDER BY ods`)).map(providerOf)),
      find: gatheredLooks<string, RegisteredProvider | undefined>(database, async (tx, clientIds) => {
        const one = (clientId: string) => tx.query<Row>(`${select} WHERE client_id = ?`, [clientId]);
        const rows = (await Promise.all([...new Set(clientIds)].map(one))).flat();
        const found = new Map(rows.map((row) => [row.client_id, providerOf(row)]));
        return (clientId) => found.get(clientId);
      }),
      disable: (clientId, audit) =>
        database.transaction(async (tx) => {
          const disabled = 'UPDATE provider SET disabled = 1, shut_out = 1 WHERE client_id = ?';
          if ((await tx.run(disabled, [clientId])) === 0) throw noProvider();
          await appendAudit(tx, audit);
        }),
      enable: (clientId, audit) =>
        database.transaction(async (tx) => {
          const { shutOut } = await providerIn(tx, clientId);
          if (!shutOut)
            throw new LakeError(
              'PreconditionFailed',
              'Nobody has disabled this provider. One that a stack no longer declares comes back when it does.',
            );
          await tx.run('UPDATE provider SET disabled = 0, shut_out = 0 WHERE client_id = ?', [clientId]);
          await appendAudit(tx, audit);
        }),
      replace: async (provider, audit) => {
        checkProvider(provider);
        const { clientId, ods, name, scopes, nhsNumberPolicy, defaultProfile = null, disabled } = provider;
        const keys = keysText(provider);
        await database.transaction(async (tx) => {
          const changed = await tx.run(
            `UPDATE provider SET client_id = ?, name = ?, keys = ?, scopes = ?, nhs_number_policy = ?, default_profile = ?,
             disabled = CASE shut_out WHEN 1 THEN 1 ELSE CAST(? AS INTEGER) END WHERE ods = ?`,
            [clientId, name, keys, scopes.join(' '), nhsNumberPolicy, defaultProfile, disabled ? 1 : 0, ods],
          );
          if (changed === 0) throw noProvider();
          await appendAudit(tx, audit);
        });
      },
      rotateKey: async (clientId, key, audit) => {
        const added = checkPublicKey(key);
        await database.transaction(async (tx) => {
          const { keys } = await providerIn(tx, clientId);
          if (keys.some(({ kid }) => kid === added.kid))
            throw new LakeError('AlreadyExists', 'The provider has a key of this kid. Give the new key its own.');
          await storeKeys(tx, clientId, [added, ...keys.slice(0, 1)]);
          await appendAudit(tx, audit);
        });
      },
      retireKey: (clientId, kid, audit) =>
        database.transaction(async (tx) => {
          const { keys } = await providerIn(tx, clientId);
          const left = keys.filter((key) => key.kid !== kid);
          if (left.length === keys.length) throw new LakeError('NotFound', 'The provider has no key of this kid.');
          if (left.length === 0)
            throw refused('This is the only key of the provider. Rotate first, or disable the provider.');
          await storeKeys(tx, clientId, left);
          await appendAudit(tx, audit);
        }),
    };
  },
});
