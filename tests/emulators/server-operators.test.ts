import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isLakeError, type LakeErrorCode } from '../../adapters/ports/errors';
import type { AuditRecord } from '../../functions/audit/audit-record';
import type { AuditStream } from '../../functions/audit/manifest';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import type { MadeExtract } from '../../functions/hosts/compose/extract-function';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { operatorAccount } from '../../functions/operator/manifest';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import { endedRun } from '../support/ended-run';
import { describeOver } from '../support/given-servers';
import { aPatient } from '../support/verified-patient';
import { askFunction } from './ask-function';
import { type ServedLake, servedLake } from './served-lake';
import { homeServers } from './server-home';

const number = '9990000018';

describeOver('people who operate a lake off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  let home: ServedLake['home'];
  let lake: ServedLake['lake'];
  let sender: ServedLake['sender'];
  before(async () => {
    ({ home, lake, sender } = await servedLake(servers));
    assert.equal((await sender.request('PUT', '/Patient/p1', aPatient('p1', number))).status, 201);
    await lake.settle();
    await patient();
  });
  after(() => lake?.stop());

  const askAs = (account: string, desk: string, method: string, input: unknown = {}): Promise<unknown> =>
    askFunction({ home, lake }, account, desk, { method, input });
  const ann = operatorAccount('ann');
  const ben = operatorAccount('ben');
  /** The one whom the lake knew first; others come with later tests. */
  let first: string | undefined;
  const patient = async (): Promise<string> => {
    first ??= String(
      (await lake.rows("SELECT patient_ref FROM curated.person_link WHERE basis = 'verified'"))[0]?.patient_ref,
    );
    return first;
  };
  const refusedAs = async (code: LakeErrorCode, asking: Promise<unknown>): Promise<void> => {
    await assert.rejects(asking, (error) => isLakeError(error, code));
  };
  /** What the two sealers have sealed by now: everything, since the audit verifies. */
  const recordsOf = async (stream: AuditStream, action: string): Promise<readonly AuditRecord[]> => {
    assert.ok(await lake.auditVerifies());
    return (await sealedRecords(home.storeOf('audit'), stream)).filter((one) => one.action === action);
  };

  it('look at it, each look recorded with who asked', async () => {
    const status = (await askAs(ann, 'operator', 'status')) as {
      totals: { resources: number };
      tables: string[];
      deadLetters: { count: number };
    };
    assert.equal(status.totals.resources, 1);
    assert.ok(status.tables.includes('curated.patient'));
    assert.equal(status.deadLetters.count, 0);
    assert.deepEqual(await askAs(ann, 'operator', 'redrive'), { redriven: 0 });
    assert.equal(((await askAs(ann, 'operator', 'listProviders')) as object[]).length, 1);
    for (const desk of ['operator', 'identity-operator'])
      assert.equal(((await askAs(ann, desk, 'verifyAudit')) as { ok: boolean }).ok, true, desk);
    const records = await recordsOf('lake', 'lake status');
    assert.equal(records.length, 1);
    assert.match(JSON.stringify(records[0]), /"ann"/);
  });

  it('build marts and see the run among the jobs', async () => {
    const built = (await askAs(ann, 'operator', 'buildMarts', {
      names: ['patient_timeline'],
      full: false,
    })) as object[];
    assert.equal(built.length, 1);
    const [run] = (await askAs(ann, 'operator', 'jobs')) as { job: string; state: string; origin: string }[];
    assert.deepEqual([run?.job, run?.state, run?.origin], ['marts', 'succeeded', 'operator']);
    const marts = (await askAs(ann, 'operator', 'listMarts')) as { mart: string; built?: string }[];
    assert.ok(marts.find(({ mart }) => mart === 'patient_timeline')?.built !== undefined);
    await refusedAs('NotFound', askAs(ann, 'operator', 'buildMarts', { names: ['none'], full: false }));
  });

  it('load opt-out lists inside the identity zone', async () => {
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    const input = { name: 'national', asOf, longestAgeDays: 7, text: `${number},\n` };
    const lists = (await askAs(ann, 'identity-operator', 'loadOptOuts', input)) as { name: string; people: number }[];
    assert.deepEqual(
      lists.map(({ name, people }) => [name, people]),
      [['national', 1]],
    );
    const [record] = await recordsOf('identity', 'lake identity opt-out load');
    assert.deepEqual([record?.agent.kind, record?.agent.id], ['operator', 'ann']);
  });

  it('curate by hand, and are told what was curated', async () => {
    assert.equal((await sender.request('PUT', '/Patient/p2', aPatient('p2', '9990000026'))).status, 201);
    const curated = (await askAs(ann, 'operator', 'curate')) as { segments: number; rows: number; types: string[] };
    const status = (await askAs(ann, 'operator', 'status')) as { segments: { waiting: number } };
    assert.equal(status.segments.waiting, 0);
    // The dispatcher may have been quicker.
    assert.ok(curated.rows === 0 || (curated.rows === 1 && curated.types[0] === 'Patient'));
    const rows = await lake.rows("SELECT count(*)::INTEGER AS n FROM curated.patient WHERE provider = 'A81001'");
    assert.equal(rows[0]?.n, 2);
    await lake.settle();
  });

  it('read marts by SQL, and nothing else', async () => {
    const sql = (text: string): Promise<unknown> => askAs(ann, 'operator', 'sql', { text });
    const { columns, rows } = (await sql('SELECT count(*) AS n FROM marts.patient_timeline')) as {
      columns: { name: string }[];
      rows: { n: string }[];
    };
    assert.deepEqual([columns.map(({ name }) => name), Number(rows[0]?.n) >= 0], [['n'], true]);
    for (const text of [
      'SELECT * FROM curated.patient',
      'DROP TABLE marts.patient_timeline',
      "SELECT * FROM read_text('/etc/passwd')",
      'SELECT 1; SELECT 2',
      'SELECT * FROM range(10001)',
    ])
      await refusedAs('InvalidArgument', sql(text));
    await refusedAs('PermissionDenied', askAs('marts', 'mart-sql', 'sql', { text: 'SELECT 1' }));
    const told = (await recordsOf('lake', 'lake sql')).map(({ agent, outcome }) => `${agent.id} ${outcome.result}`);
    assert.deepEqual(told, ['ann allowed', ...Array.from({ length: 5 }, () => 'ann denied')]);
    assert.equal((await recordsOf('lake', 'request:mart-sql')).length, 1);
  });

  it('put people apart and together again, and the link table follows', async () => {
    const one = await patient();
    const link = async (): Promise<string> => {
      const [row] = await lake.rows(`SELECT person_id FROM curated.person_link WHERE patient_ref = '${one}'`);
      return String(row?.person_id);
    };
    const before = await link();
    const patientRef = `Patient/${one}`;
    const decide = (kind: string, nhsNumber?: string): Promise<unknown> =>
      askAs(ann, 'identity-operator', 'decideLink', { patientRef, kind, nhsNumber });
    assert.deepEqual(await decide('apart'), { changed: 1 });
    assert.notEqual(await link(), before);
    assert.deepEqual(await decide('withdrawn'), { changed: 1 });
    assert.equal(await link(), before);
    await refusedAs('InvalidArgument', decide('bears', '9990000019'));
    await refusedAs('InvalidArgument', decide('anything'));
    const records = (await recordsOf('identity', 'lake identity link')).map(
      ({ agent, outcome }) => `${agent.id} ${outcome.result}`,
    );
    assert.deepEqual(records, ['ann allowed', 'ann denied', 'ann denied']);
    assert.equal((await recordsOf('identity', 'lake identity unlink')).length, 1);
  });

  it('find, explain and replay a held message', async () => {
    const held = {
      ...aPatient('p3', '9990000034'),
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000035' }],
    };
    const answer = await sender.request('PUT', '/Patient/p3', held);
    assert.equal(answer.status, 202);
    const tracking = /tracking id ([0-9a-f-]{36})/.exec(await answer.text())![1]!;
    const [message] = (await askAs(ann, 'identity-operator', 'heldMessages')) as {
      tracking: string;
      reasons: string[];
    }[];
    assert.equal(message?.tracking, tracking);
    assert.match(message?.reasons.join(' ') ?? '', /nhs-number-invalid/);
    assert.ok(!JSON.stringify(message).includes('9990000035'));
    const replay = (acceptNhsNumber: boolean, one = tracking): Promise<unknown> =>
      askAs(ann, 'identity-operator', 'replayHeld', { tracking: one, acceptNhsNumber });
    assert.equal(((await replay(false)) as { status: string }).status, 'held');
    assert.deepEqual(await replay(true), {
      tracking,
      status: 'stored',
      resources: [{ type: 'Patient', version: 1 }],
      reasons: [],
    });
    assert.deepEqual(await askAs(ann, 'identity-operator', 'heldMessages'), []);
    await refusedAs('NotFound', replay(true));
    await refusedAs('PermissionDenied', askAs('marts', 'quarantine-replay', 'replay'));
    const told = (await recordsOf('identity', 'lake identity quarantine replay')).map(
      ({ agent, outcome }) => `${agent.id} ${outcome.result}`,
    );
    assert.deepEqual(told, ['ann allowed', 'ann allowed', 'ann denied']);
    assert.equal((await recordsOf('lake', 'request:quarantine-replay')).length, 1);
  });

  it('go back from a pseudonym to a person two at a time, by name and without a secret', async () => {
    const project = 'asthma-study';
    const ask = (who: string, method: string, input: object): Promise<unknown> =>
      askAs(who, 'identity-operator', method, input);
    await ask(ann, 'createProject', { project });
    await lake.settle();
    const [link] = await lake.rows(
      `SELECT person_id FROM curated.person_link WHERE patient_ref = '${await patient()}'`,
    );
    const persons = [String(link?.person_id)];
    const asked = { kind: 'project-tokens', persons, project };
    const [named] = (await askFunction({ home, lake }, 'research', 'identity-requests', asked)) as { token: string }[];
    const { id } = (await ask(ann, 'requestReidentification', {
      project,
      token: named!.token,
      reason: 'a clinician needs to know today',
    })) as { id: string };
    await refusedAs('PreconditionFailed', ask(ann, 'revealReidentification', { id }));
    await refusedAs('PermissionDenied', ask(ann, 'approveReidentification', { id, minutes: 5 }));
    await ask(ben, 'approveReidentification', { id, minutes: 5 });
    await refusedAs('PermissionDenied', ask(ben, 'revealReidentification', { id }));
    const { nhsNumber } = (await ask(ann, 'revealReidentification', { id })) as { nhsNumber: string };
    assert.ok(['9990000018', '9990000026'].includes(nhsNumber));
    await refusedAs('PreconditionFailed', ask(ann, 'revealReidentification', { id }));
    const told = await Promise.all(
      ['request', 'approve', 'reveal'].map(async (step) =>
        (await recordsOf('identity', `lake reidentify ${step}`)).map(
          ({ agent, outcome }) => `${step} ${agent.id} ${outcome.result}`,
        ),
      ),
    );
    assert.deepEqual(told.flat(), [
      'request ann allowed',
      'approve ann denied',
      'approve ben allowed',
      'reveal ann denied',
      'reveal ben denied',
      'reveal ann allowed',
      'reveal ann denied',
    ]);
    assert.ok(!JSON.stringify(told).includes(nhsNumber));
  });

  it('have an extract made for a project once both opt-out lists are there, into the zone of releases alone', async () => {
    const extract = (input: object = {}): Promise<unknown> =>
      askAs(ann, 'operator', 'extract', {
        project: 'asthma-study',
        mart: 'patient_timeline',
        format: 'csv',
        ...input,
      });
    await refusedAs('PreconditionFailed', extract());
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    await askAs(ann, 'identity-operator', 'loadOptOuts', { name: 'type-1', asOf, longestAgeDays: 7, text: '' });
    const { place, manifest } = (await extract()) as MadeExtract;
    assert.ok(place.startsWith('extracts/asthma-study/'));
    const bytes = await home.storeOf('releases').read(`${place}/${manifest.file.name}`);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), manifest.file.sha256);
    await refusedAs('NotFound', extract({ mart: 'none' }));
    await refusedAs('NotFound', extract({ project: 'nowhere' }));
    await refusedAs('InvalidArgument', extract({ format: 'xlsx' }));
    await refusedAs('PermissionDenied', askAs('marts', 'operator', 'extract', {}));
    const told = (await recordsOf('lake', 'lake extract')).map(({ agent, outcome }) => `${agent.id} ${outcome.code}`);
    assert.deepEqual(told, [
      'ann PreconditionFailed',
      'ann extracted',
      'ann NotFound',
      'ann NotFound',
      'ann InvalidArgument',
      'unknown PermissionDenied',
    ]);
  });

  it('shut a provider out at once, and let it in again', async () => {
    const other = new GoldenSender(lake, await lake.register('B82002', ['system/*.cu']));
    // About nobody: the links of this lake are its one patient's.
    const device = { resourceType: 'Device', id: 'd1' };
    assert.equal((await other.request('PUT', '/Device/d1', device)).status, 201);
    await askAs(ann, 'operator', 'disableProvider', { ods: 'B82002' });
    assert.equal((await other.request('PUT', '/Device/d1', device)).status, 401);
    await refusedAs('NotFound', askAs(ann, 'operator', 'disableProvider', { ods: 'C83003' }));
    await askAs(ann, 'operator', 'enableProvider', { ods: 'B82002' });
    assert.equal((await other.request('PUT', '/Device/d2', { ...device, id: 'd2' })).status, 201);
    await refusedAs('PreconditionFailed', askAs(ann, 'operator', 'enableProvider', { ods: 'B82002' }));
    const told = (await recordsOf('lake', 'lake provider disable')).map(({ agent, outcome }) => [
      agent.id,
      outcome.result,
    ]);
    assert.deepEqual(told, [
      ['ann', 'allowed'],
      ['ann', 'denied'],
    ]);
  });

  it('are nobody but those whom the stack names, and ask nothing that is not theirs', async () => {
    await refusedAs('PermissionDenied', askAs(operatorAccount('eve'), 'operator', 'status'));
    await refusedAs('PermissionDenied', askAs('marts', 'operator', 'status'));
    await refusedAs('PermissionDenied', askAs('marts', 'identity-operator', 'optOutLists'));
    await refusedAs('Unsupported', askAs(ann, 'identity-operator', 'addOperator', { name: 'eve' }));
    await refusedAs('InvalidArgument', askAs(ann, 'identity-operator', 'decideLink', { patientRef: 1 }));
    await refusedAs('Unsupported', askAs(ann, 'operator', 'toString'));
    const denied = async (stream: AuditStream, action: string): Promise<number> =>
      (await recordsOf(stream, action)).filter((one) => JSON.stringify(one).includes('"denied"')).length;
    assert.deepEqual(
      [
        await denied('lake', 'lake status'),
        await denied('lake', 'lake operation'),
        await denied('identity', 'lake identity opt-out status'),
        await denied('identity', 'lake operation'),
      ],
      [2, 1, 1, 1],
    );
  });

  it('put people under a legal hold, which no erasure gets past, and end it', async () => {
    const { patients } = (await askAs(ann, 'identity-operator', 'patientsNamed', { nhsNumbers: [number] })) as {
      patients: string[];
    };
    assert.deepEqual(patients, [await patient()]);
    const hold = (input: object): Promise<unknown> => askAs(ann, 'operator', 'hold', input);
    const [placed] = (await hold({ patients, reference: 'Inquiry 12' })) as { id: string; subject: string }[];
    assert.equal(placed?.subject, patients[0]);
    await refusedAs('NotFound', hold({ patients: ['nobody'], reference: 'Inquiry 12' }));
    await refusedAs('NotFound', hold({ patients: [], reference: 'Inquiry 12' }));
    await refusedAs('InvalidArgument', hold({ patients, reference: `Inquiry ${number}` }));
    await refusedAs('PermissionDenied', askAs('marts', 'operator', 'hold', { patients, reference: 'Inquiry 13' }));
    const { failure } = await endedRun(home.lake, 'erasure', { patients, held: [], operator: 'ann' });
    assert.equal(failure?.code, 'PreconditionFailed');
    assert.equal(((await askAs(ben, 'operator', 'holds')) as object[]).length, 1);
    assert.deepEqual(await askAs(ben, 'operator', 'releaseHold', { id: placed!.id }), []);
    await refusedAs('NotFound', askAs(ben, 'operator', 'releaseHold', { id: placed!.id }));
    const told = async (stream: AuditStream, action: string) =>
      (await recordsOf(stream, action)).map(({ agent, outcome }) => `${agent.id} ${outcome.result}`);
    assert.deepEqual(await told('identity', 'lake retention hold'), ['ann allowed']);
    assert.deepEqual(await told('lake', 'lake retention hold'), [
      'ann allowed',
      'ann denied',
      'ann denied',
      'ann denied',
      'unknown denied',
    ]);
    assert.deepEqual(await told('lake', 'lake retention release'), ['ben allowed', 'ben denied']);
    assert.deepEqual(await told('lake', 'lake retention holds'), ['ben allowed']);
  });

  it('erase a person: numbers go to the identity zone, pseudonyms to the lake', async () => {
    const found = await askAs(ann, 'identity-operator', 'findPeople', { nhsNumbers: [number], patients: [] });
    assert.ok(!JSON.stringify(found).includes(number));
    const certificate = (await askAs(ann, 'operator', 'erase', found)) as ErasureCertificate;
    assert.deepEqual(certificate.erased.resources, { Patient: 1 });
    assert.deepEqual(await askAs(ben, 'operator', 'certificates'), [certificate]);
    assert.deepEqual(await askAs(ben, 'operator', 'certificates', { id: certificate.id }), [certificate]);
    await refusedAs('NotFound', askAs(ben, 'operator', 'certificates', { id: 'elsewhere/other' }));
    assert.equal(await askAs(ben, 'operator', 'verifyErasure', { certificate }), true);
    const forged = { ...certificate, completed: '2020-01-01T00:00:00.000Z' };
    for (const other of [forged, {}])
      assert.equal(await askAs(ben, 'operator', 'verifyErasure', { certificate: other }), false);
    assert.deepEqual(await identityRegisterStore.open(home.identity).patientsOf(number), []);
    await refusedAs('NotFound', askAs(ann, 'identity-operator', 'findPeople', { nhsNumbers: [number], patients: [] }));
  });
});
