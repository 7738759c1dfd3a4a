import assert from 'node:assert/strict';
import { isLakeError } from '../../adapters/ports/errors';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import type { RetentionReport } from '../../functions/hosts/compose/retention-function';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { operatorAccount } from '../../functions/operator/manifest';
import { sealedRecords } from '../support/audit-reader';
import { endedRun } from '../support/ended-run';
import { describeOver } from '../support/given-servers';
import { aPatient } from '../support/verified-patient';
import { askFunction } from './ask-function';
import { type ServedLake, servedLake } from './served-lake';
import { homeServers } from './server-home';

const childNumber = '9990000018';
/** Born on the first of May 2012: kept until the 25th birthday. */
const child = { ...aPatient('c1', childNumber), birthDate: '2012-05-01' };
/** Of no class that tells: kept until the site decides. */
const adult = { ...aPatient('a1', '9990000026'), birthDate: '1960-01-01' };
const grown = '2037-05-01T00:00:00.000Z';
const dayBefore = '2037-04-30T00:00:00.000Z';

const observation = (id: string, subject: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${subject}` },
  effectiveDateTime: '2026-01-01',
});

describeOver('The retention schedule off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  let home: ServedLake['home'];
  let lake: ServedLake['lake'];
  let sender: ServedLake['sender'];
  before(async () => {
    ({ home, lake, sender } = await servedLake(servers));
    for (const [path, resource] of [
      ['/Patient/c1', child],
      ['/Patient/a1', adult],
      ['/Observation/co', observation('co', 'c1')],
      ['/Observation/ao', observation('ao', 'a1')],
    ] as const)
      assert.equal((await sender.request('PUT', path, resource)).status, 201);
    await lake.settle();
  });
  after(() => lake?.stop());

  const ask = (desk: string, method: string, input: object): Promise<unknown> =>
    askFunction({ home, lake }, operatorAccount('ann'), desk, { method, input });
  const present = async (path: string): Promise<boolean> => (await sender.request('HEAD', path)).status === 200;
  /** A tick of the schedule as of another day. */
  const expired = async (at: string) => {
    const { state, result, failure } = await endedRun(home.lake, 'retention', { at });
    assert.equal(state, 'succeeded', failure?.message);
    return result as { readonly records: number; readonly certificates: readonly string[] };
  };

  it('is kept in the queue of jobs by the function that erases', async () => {
    const rows = await home.lake.snapshot((tx) => tx.query<{ name: string }>('SELECT name FROM job_schedule', []));
    assert.ok(rows.some(({ name }) => name === 'retention'));
  });

  it('lets nothing go before its day, nor what is under a legal hold', async () => {
    assert.deepEqual((await expired(dayBefore)).certificates, []);
    const named = (await ask('identity-operator', 'patientsNamed', { nhsNumbers: [childNumber] })) as object;
    const [hold] = (await ask('operator', 'hold', { ...named, reference: 'Inquiry 12' })) as { readonly id: string }[];
    assert.deepEqual((await expired(grown)).certificates, []);
    const { records } = (await ask('operator', 'retentionReport', { at: grown })) as RetentionReport;
    assert.deepEqual(records, { kept: 1, undecided: 1, due: 0, held: 1 });
    assert.deepEqual(await ask('operator', 'releaseHold', { id: hold!.id }), []);
    assert.equal(await present('/Observation/co'), true);
  });

  it('is shown to a person as counts, and carried out when one asks; whose day has not come stays', async () => {
    const report = async (at?: string) => (await ask('operator', 'retentionReport', { at })) as RetentionReport;
    assert.deepEqual((await report(grown)).records, { kept: 1, undecided: 1, due: 1, held: 0 });
    // The day would be a birthday.
    const { records, next } = await report();
    assert.deepEqual([records, next], [{ kept: 2, undecided: 1, due: 0, held: 0 }, '2037']);
    await assert.rejects(report('never'), (error) => isLakeError(error, 'InvalidArgument'));
    assert.deepEqual(await ask('operator', 'expire', {}), { records: 0, certificates: [], quarantine: 0, imports: 0 });
    assert.equal(await present('/Observation/co'), true);
    await assert.rejects(askFunction({ home, lake }, 'marts', 'operator', { method: 'expire', input: {} }), (error) =>
      isLakeError(error, 'PermissionDenied'),
    );
  });

  it('takes a record on its day out of every zone, with a certificate, and keeps what nobody decided', async () => {
    const { records, certificates } = await expired(grown);
    assert.deepEqual([records, certificates.length], [1, 1]);
    const bytes = await home.storeOf('releases').read(`erasures/${certificates[0]}.json`);
    const certificate = JSON.parse(Buffer.from(bytes).toString('utf8')) as ErasureCertificate;
    assert.deepEqual(
      [certificate.reason, certificate.erased.resources, certificate.erased.originals],
      ['retention', { Patient: 1, Observation: 1 }, 2],
    );
    const register = identityRegisterStore.open(home.identity);
    assert.deepEqual(
      [await register.patientsOf(childNumber), (await register.patientsOf('9990000026')).length],
      [[], 1],
    );
    assert.deepEqual(
      [await present('/Patient/c1'), await present('/Observation/co'), await present('/Observation/ao')],
      [false, false, true],
    );
    const [row] = await lake.rows('SELECT count(*)::INTEGER AS n FROM curated.observation');
    assert.equal(row?.n, 1);
    assert.deepEqual((await expired(grown)).certificates, []);
  });

  it('is answered by the identity zone without a date of anybody, each question recorded there', async () => {
    assert.ok(await lake.auditVerifies());
    const told = (await sealedRecords(home.storeOf('audit'), 'identity')).filter(({ agent }) => agent.id === 'erasure');
    assert.ok(told.some(({ action }) => action === 'identity:erasure.due'));
    const lakeTold = await sealedRecords(home.storeOf('audit'), 'lake');
    const run = lakeTold.filter(({ action }) => action === 'lake retention run');
    assert.deepEqual(
      run.map(({ agent, outcome }) => [agent.id, outcome.result]),
      [
        ['ann', 'allowed'],
        ['unknown', 'denied'],
      ],
    );
    assert.ok(lakeTold.some(({ action, agent }) => action === 'job:retention.expire' && agent.id === 'retention'));
    const rows = await home.lake.snapshot((tx) =>
      tx.query<{ result: string | null }>('SELECT result FROM job_run', []),
    );
    assert.ok(!JSON.stringify(rows).includes('2012'));
  });
});
