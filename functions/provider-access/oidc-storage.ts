import { isLakeError } from '../../adapters/ports/errors';
import { defineStateStore } from '../state-store';

/** What the issuer must remember across restarts and processes: used assertions above all. */
export interface OidcStorage {
  put(model: string, id: string, payload: string, expires: string): Promise<void>;
  /** Puts what must be new; false when it is there already. The one test that holds for two at the same moment. */
  putNew(model: string, id: string, payload: string, expires: string): Promise<boolean>;
  find(model: string, id: string, now: string): Promise<string | undefined>;
  remove(model: string, id: string): Promise<void>;
  /** Forgets what has expired; gives how many. */
  sweep(now: string): Promise<number>;
}

const insert = 'INSERT INTO oidc (model, id, payload, expires) VALUES (?, ?, ?, ?)';
const table = (privilege: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE') => ({ table: 'oidc', privilege });

export const oidcStorageStore = defineStateStore<OidcStorage>({
  name: 'oidc-storage',
  database: 'lake',
  migrations: [
    {
      id: 'oidc-storage-0001-models',
      statements: [
        'CREATE TABLE oidc (model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, expires TEXT NOT NULL, PRIMARY KEY (model, id))',
        'CREATE INDEX oidc_expires ON oidc (expires)',
      ],
    },
  ],
  grants: {
    put: [table('INSERT'), table('UPDATE')],
    putNew: [table('INSERT')],
    find: [table('SELECT')],
    remove: [table('DELETE')],
    sweep: [table('DELETE')],
  },
  open: (database) => ({
    put: (model, id, payload, expires) =>
      database.transaction(async (tx) => {
        await tx.run(
          `${insert} ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires = excluded.expires`,
          [model, id, payload, expires],
        );
      }),
    putNew: async (model, id, payload, expires) => {
      try {
        await database.transaction((tx) => tx.run(insert, [model, id, payload, expires]));
        return true;
      } catch (error) {
        if (isLakeError(error, 'AlreadyExists')) return false;
        throw error;
      }
    },
    find: (model, id, now) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ payload: string }>(
          'SELECT payload FROM oidc WHERE model = ? AND id = ? AND expires > ?',
          [model, id, now],
        );
        return row?.payload;
      }),
    remove: (model, id) =>
      database.transaction(async (tx) => {
        await tx.run('DELETE FROM oidc WHERE model = ? AND id = ?', [model, id]);
      }),
    sweep: (now) => database.transaction((tx) => tx.run('DELETE FROM oidc WHERE expires <= ?', [now])),
  }),
});
