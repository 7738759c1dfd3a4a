import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { isGenuine } from '../../functions/erasure/certificate';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import { martLibrary } from '../../functions/hosts/compose/marts-function';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { DeltaTable } from '../../functions/tables/delta-table';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import { endedRun } from '../support/ended-run';
import { describeOver } from '../support/given-servers';
import { loadOptOutLists } from '../support/opt-out-lists';
import { aPatient } from '../support/verified-patient';
import { purpose, writeMart } from '../support/written-mart';
import { awsHome } from './aws-home';
import { type AwsHome, LambdaLake } from './lambda-lake';

const numbers = { goes: '9990000018', stays: '9990000026', objects: '9990000034' };
const shippedMarts = 4;

describeOver('marts and an erasure on Lambda, which ask the identity zone', ['aws', 'postgres'], function (servers) {
  this.timeout(300_000);

  const library = mkdtempSync(join(tmpdir(), 'lake-library-'));
  let home: AwsHome;
  let lake: LambdaLake;
  before(async () => {
    cpSync(martLibrary, library, { recursive: true });
    writeMart(library, 'for_research', [purpose('research')]);
    home = await awsHome(servers);
    Object.assign(home.environment, { LAKE_MARTS: library });
    lake = await LambdaLake.start(home);
    const sender = new GoldenSender(lake, await lake.register('A81001', ['system/*.cu']));
    for (const [id, number] of Object.entries(numbers)) {
      const condition = {
        resourceType: 'Condition',
        id: `c-${id}`,
        subject: { reference: `Patient/${id}` },
        recordedDate: '2026-01-02',
        code: { coding: [{ system: 'http://snomed.info/sct', code: '195967001' }] },
      };
      for (const resource of [aPatient(id, number), condition]) {
        const { resourceType, id: own } = resource as { readonly resourceType: string; readonly id: string };
        assert.ok((await sender.request('PUT', `/${resourceType}/${own}`, resource)).status < 300);
      }
    }
    await lake.settle();
  });
  after(async () => {
    await lake?.stop();
    rmSync(library, { recursive: true, force: true });
  });

  /** Puts a run into the queue as an operator does, and lets the schedule beat until it has ended. */
  const ended = (job: string, input: object, maxAttempts = 1) => {
    const beat = async (): Promise<void> => {
      await lake.beat(job).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    };
    return endedRun(home.lake, job, input, { maxAttempts, beat });
  };
  const rowsOf = async (mart: string): Promise<number | undefined> => {
    const spoolFolder = mkdtempSync(join(tmpdir(), 'lake-spool-'));
    const engine = new DuckDbQueryEngine({ spoolFolder });
    const session = await engine.session({ readableFolders: [spoolFolder] });
    try {
      const table = new DeltaTable(home.storeOf('marts'), mart, engine);
      if ((await table.schema()) === undefined) return undefined;
      const [row] = (await session.query(`SELECT count(*)::INTEGER AS n FROM ${await table.relation()}`)).rows;
      return Number(row?.n);
    } finally {
      await session.close();
      await engine.close();
      rmSync(spoolFolder, { recursive: true, force: true });
    }
  };
  const asked = async (): Promise<readonly AuditRecord[]> => {
    assert.ok(await lake.auditVerifies());
    const sealed = await sealedRecords(home.storeOf('audit'), 'identity');
    return sealed.filter(({ action }) => action.startsWith('identity:'));
  };

  it('refuses marts for research until the identity function knows who has objected, then leaves them out', async () => {
    assert.equal((await ended('marts', {})).state, 'failed');
    assert.equal(await rowsOf('for_research'), undefined);
    assert.ok(((await rowsOf('patient_timeline')) ?? 0) > 0);
    assert.equal((await asked()).at(-1)?.outcome.result, 'failed');
    // The national service gives back who has not objected.
    await loadOptOutLists(home.identity, [numbers.goes, numbers.stays]);
    assert.equal((await ended('marts', {})).state, 'succeeded');
    assert.equal(await rowsOf('for_research'), 2);
    const last = (await asked()).at(-1)!;
    assert.deepEqual([last.agent.id, last.action, last.outcome.result], ['marts', 'identity:opt-outs', 'allowed']);
  });

  it('refuses, and records, whoever comes by no alias, by a version or by that of another', async () => {
    const request = { kind: 'opt-outs', persons: [], purpose: 'research' };
    for (const alias of [undefined, '7', 'curate', 'erasure'] as const) {
      const before = (await asked()).length;
      // The erasure may ask for opt-outs and for nothing else.
      const event = { request: alias === 'erasure' ? { ...request, kind: 'contacts' } : request };
      const answer = (await lake.invoke('identity-requests', event, alias)) as { readonly code?: string };
      assert.equal(answer.code, 'PermissionDenied', alias);
      const records = await asked();
      assert.deepEqual([records.length, records.at(-1)?.outcome.result], [before + 1, 'denied'], alias);
    }
    const step = { kind: 'register', plan: { resources: [], patients: [] }, agent: { kind: 'operator', id: 'x' } };
    for (const alias of [undefined, 'marts'] as const) {
      const answer = (await lake.invoke('identity-erasure', { request: step }, alias)) as { readonly code?: string };
      assert.equal(answer.code, 'PermissionDenied');
    }
  });

  it('takes one person out of every zone, though both halves die on the way, and leaves a certificate', async () => {
    const register = identityRegisterStore.open(home.identity);
    const patients = (await register.patientsOf(numbers.goes)).map((one) => one.replace(/^Patient\//, ''));
    assert.equal(patients.length, 1);
    let over = false;
    const killing = (async () => {
      for (const name of ['identity-erasure', 'erasure', 'identity-erasure', 'erasure']) {
        await new Promise((resolve) => setTimeout(resolve, 700 + Math.random() * 1500));
        if (!over) await lake.kill(name);
      }
    })();
    const run = await ended('erasure', { patients, held: [], operator: 'ann' }, 10);
    over = true;
    await killing;
    assert.equal(run.state, 'succeeded', run.failure?.message);
    const certificate = run.result as ErasureCertificate;
    assert.deepEqual(certificate.erased.resources, { Patient: 1, Condition: 1 });
    assert.equal(certificate.erased.martsRebuilt.length, shippedMarts + 1);
    assert.ok(isGenuine(certificate, (await home.keys.publicKey('audit', certificate.signature.keyVersion)).pem));
    assert.deepEqual(await register.patientsOf(numbers.goes), []);
    assert.equal((await register.patientsOf(numbers.stays)).length, 1);
    const [row] = await lake.rows('SELECT count(*)::INTEGER AS n FROM curated.patient');
    assert.equal(Number(row?.n), 2);
    assert.equal(await rowsOf('for_research'), 1);
    assert.ok(await lake.auditVerifies());
  });
});
