import { randomUUID } from 'node:crypto';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import type { KeyManagement } from '../../adapters/ports/key-management';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { ObjectStorePart } from '../../adapters/shared/object-store-part';
import { auditStore } from '../../functions/audit/audit-log';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { together, verifyAudit } from '../../functions/audit/audit-verify';
import { auditStreams, streamPrefix } from '../../functions/audit/manifest';
import type { Zone } from '../../functions/manifest';
import { generateProviderKey } from '../../functions/provider-access/client-assertion';
import { providerRegisterStore } from '../../functions/provider-access/provider-register';
import { CuratedTable } from '../../functions/tables/curated-table';
import { DeltaTable } from '../../functions/tables/delta-table';
import type { GoldenHost } from '../contract/golden-host';

const types = ['Observation', 'Patient', 'Device'];

const record = (action: string): AuditRecord => ({
  recorded: new Date().toISOString(),
  event: 'accessChange',
  action,
  agent: { kind: 'operator', id: 'test' },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HSYSADMIN',
});

interface LakeServices {
  readonly lake: StateDatabase;
  readonly identity: StateDatabase;
  readonly keys: Pick<KeyManagement, 'publicKey'>;
  readonly storeOf: (zone: Zone) => ObjectStore;
  readonly spoolFolder: string;
}

/** What an operator of a lake on servers does there, with an administrator's rights. */
export function operatorOf({
  lake,
  identity,
  keys,
  storeOf,
  spoolFolder,
}: LakeServices): Pick<GoldenHost, 'register' | 'disable' | 'auditVerifies' | 'rows'> {
  const register = providerRegisterStore.open(lake);
  return {
    register: async (ods, scopes) => {
      const { publicJwk, privateJwk } = await generateProviderKey();
      const clientId = `${ods.toLowerCase()}-${randomUUID().slice(0, 8)}`;
      const provider = { clientId, ods, name: `Provider ${ods}`, keys: [publicJwk], scopes, disabled: false };
      await register.register({ ...provider, nhsNumberPolicy: 'quarantine' }, record('lake provider register'));
      return { clientId, ods, scopes, privateJwk };
    },
    disable: async (ods) => {
      const provider = (await register.list()).find((one) => one.ods === ods);
      await register.disable(provider!.clientId, record('lake provider disable'));
    },
    auditVerifies: async () => {
      for (let wait = 0; wait < 600; wait += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const waiting = await Promise.all([lake, identity].map((database) => auditStore.open(database).waiting()));
        if (waiting.every(({ records }) => records === 0)) break;
      }
      const publicKeys = [(await keys.publicKey('audit')).pem];
      const reports = auditStreams.map((stream) => {
        const at = (zone: Zone) => new ObjectStorePart(storeOf(zone), streamPrefix(stream));
        return verifyAudit({ audit: at('audit'), witness: at('witness'), publicKeys });
      });
      return together(await Promise.all(reports)).ok;
    },
    rows: async (sql) => {
      const engine = new DuckDbQueryEngine({ spoolFolder });
      const session = await engine.session();
      try {
        await session.run('CREATE SCHEMA curated');
        const curated = storeOf('curated');
        for (const type of types) {
          const table = new CuratedTable(curated, type, engine);
          if ((await table.delta.schema()) === undefined) continue;
          await session.run(`CREATE VIEW curated.${type} AS SELECT * FROM ${await table.currentState()}`);
        }
        const links = new DeltaTable(curated, 'person_link', engine);
        if ((await links.schema()) !== undefined)
          await session.run(`CREATE VIEW curated.person_link AS SELECT * FROM ${await links.relation()}`);
        return (await session.query(sql)).rows;
      } finally {
        await session.close();
        await engine.close();
      }
    },
  };
}
