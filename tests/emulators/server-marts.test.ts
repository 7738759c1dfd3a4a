import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { HttpRequests } from '../../adapters/http/http-requests';
import { isLakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { martLibrary } from '../../functions/hosts/compose/marts-function';
import { LocalFunctions } from '../../functions/hosts/local/local-functions';
import { LocalIdentity } from '../../functions/hosts/local/local-identity';
import { LocalMarts } from '../../functions/hosts/local/local-marts';
import { jobStore } from '../../functions/jobs/job-queue';
import { defineManifest, objectStore, onRequest } from '../../functions/manifest';
import { DeltaTable } from '../../functions/tables/delta-table';
import { tableOperations } from '../../functions/tables/table-operations';
import { sealedRecords } from '../support/audit-reader';
import { endedRun } from '../support/ended-run';
import { describeOver } from '../support/given-servers';
import { loadOptOutLists } from '../support/opt-out-lists';
import { RunningLake } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';
import { purpose, writeMart } from '../support/written-mart';
import { type ServedLake, servedLake } from './served-lake';
import { homeServers } from './server-home';

const readerManifest = defineManifest({
  name: 'reader',
  trigger: onRequest(),
  uses: {
    marts: objectStore('marts', tableOperations),
  },
});

const numbers = { stays: '9990000018', objects: '9990000026' };
const asthma = '195967001';

/** What both lakes are sent. */
const resources: readonly (readonly [path: string, resource: object])[] = [
  ['Patient/p1', aPatient('p1', numbers.stays)],
  ['Patient/p2', aPatient('p2', numbers.objects)],
  ['Patient/p3', { resourceType: 'Patient', id: 'p3' }],
  ...['p1', 'p2', 'p3'].map((id): [string, object] => [
    `Condition/c-${id}`,
    {
      resourceType: 'Condition',
      id: `c-${id}`,
      subject: { reference: `Patient/${id}` },
      recordedDate: '2026-01-02',
      code: { coding: [{ system: 'http://snomed.info/sct', code: asthma }] },
    },
  ]),
];

describeOver('marts off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  const library = mkdtempSync(join(tmpdir(), 'lake-library-'));
  let home: ServedLake['home'];
  let lake: ServedLake['lake'];
  let machine: RunningLake;
  let machineMarts: LocalMarts;

  before(async () => {
    cpSync(martLibrary, library, { recursive: true });
    writeMart(library, 'for_research', [purpose('research')]);
    writeMart(library, 'for_planning', [purpose('planning')]);
    machine = await RunningLake.start();
    machineMarts = new LocalMarts(machine.parts, new LocalFunctions(machine.parts), library);
    const served = await servedLake(servers, { LAKE_MARTS: library });
    ({ home, lake } = served);
    const gp = await machine.provider('A81001');
    for (const [path, resource] of resources) {
      assert.ok((await served.sender.request('PUT', `/${path}`, resource)).status < 300, path);
      assert.ok((await gp.request('PUT', `/${path}`, resource)).status < 300, path);
    }
    await lake.settle();
    await machine.operator.curate();
  });
  after(async () => {
    await lake?.stop();
    await machine?.remove();
    rmSync(library, { recursive: true, force: true });
  });

  /** Asks the queue for a run, as an operator does; gives how it ended. */
  const built = async () => (await endedRun(home.lake, 'marts')).state;
  /** The rows of every mart as what does not differ from lake to lake, pseudonyms by how often they come. */
  const rowsOf = async (
    store: ConstructorParameters<typeof DeltaTable>[0],
  ): Promise<Readonly<Record<string, readonly string[]>>> => {
    const spool = mkdtempSync(join(tmpdir(), 'lake-spool-'));
    const engine = new DuckDbQueryEngine({ spoolFolder: spool });
    const session = await engine.session({ readableFolders: [machine.folder.zones.marts, spool] });
    const found: Record<string, readonly string[]> = {};
    try {
      for (const mart of readdirSync(library)) {
        const table = new DeltaTable(store, mart, engine);
        if ((await table.schema()) === undefined) continue;
        const { rows } = await session.query(`SELECT * FROM ${await table.relation()}`);
        const pseudonyms = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[A-Za-z0-9_.-]{40,64}/g;
        found[mart] = rows
          .map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)))
          .map((text) => text.replaceAll(pseudonyms, '<pseudonym>'))
          .sort();
      }
      return found;
    } finally {
      await session.close();
      await engine.close();
      rmSync(spool, { recursive: true, force: true });
    }
  };
  const ofServers = () => rowsOf(home.storeOf('marts'));
  const ofMachine = () => rowsOf(machine.parts.ports(readerManifest).marts);
  const asked = async (): Promise<readonly AuditRecord[]> => {
    assert.ok(await lake.auditVerifies());
    const sealed = await sealedRecords(home.storeOf('audit'), 'identity');
    return sealed.filter(({ action }) => action.startsWith('identity:'));
  };

  it('are refused there as here while no list of opt-outs is loaded, and the others are built', async () => {
    await assert.rejects(machineMarts.build([]), (error) => isLakeError(error, 'PreconditionFailed'));
    assert.equal(await built(), 'failed');
    const [servers, one] = [await ofServers(), await ofMachine()];
    assert.deepEqual(Object.keys(servers), Object.keys(one));
    assert.ok(!('for_research' in servers) && servers.patient_timeline!.length > 0);
    assert.deepEqual(servers, one);
    assert.equal((await asked()).at(-1)?.outcome.result, 'failed');
  });

  it('have the same rows as on one machine, without whom the identity zone says has objected', async () => {
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    const identity = new LocalIdentity(machine.parts);
    for (const [name, people] of [
      ['national', [numbers.stays]],
      ['type-1', []],
    ] as const) {
      await identity.loadOptOuts({ name, asOf, longestAgeDays: 7, text: people.map((one) => `${one},\n`).join('') });
    }
    await loadOptOutLists(home.identity, [numbers.stays]);
    await machineMarts.build([]);
    assert.equal(await built(), 'succeeded');
    const [servers, one] = [await ofServers(), await ofMachine()];
    assert.deepEqual(servers, one);
    assert.equal(Object.keys(servers).length, 6);
    assert.equal(servers.for_research!.length, 1);
    assert.ok(servers.patient_timeline!.length > servers.for_research!.length);
    const last = (await asked()).at(-1)!;
    assert.deepEqual([last.agent.id, last.action, last.outcome.result], ['marts', 'identity:opt-outs', 'allowed']);
  });

  describe('ask the identity zone, which answers the callers that its manifest names alone', () => {
    const request = { kind: 'opt-outs', persons: [], purpose: 'research' };
    let number = 0;
    const askWith = (token: string, what: object = request): Promise<unknown> => {
      const tokenFile = join(library, '..', `call-${process.pid}-${number++}`);
      writeFileSync(tokenFile, token, { mode: 0o600 });
      return new HttpRequests({ address: lake.originOf('identity-requests'), tokenFile })
        .ask(what)
        .finally(() => rmSync(tokenFile));
    };
    // A run that failed before is tried again by the clock, and asks what it may.
    const denied = async () => (await asked()).filter(({ outcome }) => outcome.result === 'denied');
    const refused = async (token: string, what?: object): Promise<AuditRecord> => {
      const before = (await denied()).length;
      await assert.rejects(askWith(token, what), (error) => isLakeError(error, 'PermissionDenied'));
      const records = await denied();
      assert.equal(records.length, before + 1);
      return records.at(-1)!;
    };

    it('answers its own', async () => {
      assert.deepEqual(await askWith(await home.callToken('marts', 'identity-requests')), []);
    });

    it('and refuses and records what they may not ask', async () => {
      const token = await home.callToken('marts', 'identity-requests');
      const { agent, outcome } = await refused(token, { kind: 'contacts', persons: [], purpose: 'individual-care' });
      assert.deepEqual([agent.id, outcome.result], ['marts', 'denied']);
    });

    it('another function, a token for another audience, one that has ended, one of nobody', async () => {
      for (const token of [
        await home.callToken('curate', 'identity-requests'),
        await home.callToken('marts', 'another-function'),
        await home.callToken('marts', 'identity-requests', '-10m'),
        `${(await home.callToken('marts', 'identity-requests')).slice(0, -8)}AAAAAAAA`,
        'bm9ib2R5',
      ]) {
        const { agent, outcome } = await refused(token);
        assert.deepEqual([agent.id, outcome.result], ['unknown', 'denied']);
      }
    });

    it('what is no request is refused without repeating it', async () => {
      const token = await home.callToken('marts', 'identity-requests');
      await assert.rejects(
        askWith(token, { kind: 'MARKER', persons: ['MARKER'] }),
        (error) => isLakeError(error, 'InvalidArgument') && !error.message.includes('MARKER'),
      );
    });
  });

  it('compaction and both collectors do one tick of their schedules, told by the queue of jobs', async () => {
    const before = await ofServers();
    for (const name of ['compaction', 'landing-collector', 'identity-collector']) {
      assert.equal(await lake.tick(name), 0, name);
      const [run] = await jobStore.open(home.lake).list({ job: name });
      assert.deepEqual([run?.state, run?.origin], ['succeeded', `schedule:${name}`]);
    }
    assert.deepEqual(await ofServers(), before);
    assert.ok(await lake.auditVerifies());
  });
});
