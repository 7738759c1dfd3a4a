import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf } from '../../functions/cli/lake-access';
import { lakeFolder, localBinding } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { Operator } from '../../functions/hosts/local/operator';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import { defineManifest, onSchedule, state } from '../../functions/manifest';
import type { KnativeHome } from './knative-lake';

/** Waits for the outbox to be empty. */
const onlookerManifest = defineManifest({
  name: 'onlooker',
  trigger: onSchedule('* * * * *'),
  uses: { ledger: state(ledgerStore, ['unpublished']) },
});

/** A lake on one volume: files, SQLite and key files that several processes share. */
export async function volumeHome(): Promise<KnativeHome & { readonly parts: LakeParts; readonly operator: Operator }> {
  const folder = lakeFolder(mkdtempSync(join(tmpdir(), 'lake-knative-')));
  const parts = new LakeParts(folder);
  await parts.prepare();
  const operator = new Operator(parts);
  return {
    parts,
    operator,
    environment: {},
    // Nobody on a volume can say whose token a caller shows: one machine asks in its own process.
    serves: ({ uses }) => !Object.values(uses).some(({ port }) => port === 'requests' || port === 'callers'),
    ledger: parts.ports(onlookerManifest).ledger,
    // A spool of its own, as a pod has: an engine empties the one it is given.
    bindingOf: (manifest) => localBinding({ ...folder, spool: join(folder.root, 'spools', manifest.name) }, manifest),
    register: async (ods, scopes) => {
      await operator.registerProvider({
        ods,
        name: `Provider ${ods}`,
        scopes,
        nhsNumberPolicy: 'quarantine',
        keys: [],
      });
      return credentialsOf({ data: folder.root }, ods);
    },
    disable: (ods) => operator.disableProvider(ods),
    auditVerifies: async () => (await operator.verifyAudit()).ok,
    rows: async (sql) => (await operator.sql(sql)).rows,
    remove: async () => {
      await parts.close();
      rmSync(folder.root, { recursive: true, force: true });
    },
  };
}
