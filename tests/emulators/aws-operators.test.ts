import assert from 'node:assert/strict';
import { isLakeError, type LakeErrorCode } from '../../adapters/ports/errors';
import { resultOf } from '../../adapters/shared/request-answer';
import type { AuditStream } from '../../functions/audit/manifest';
import type { MadeExtract } from '../../functions/hosts/compose/extract-function';
import type { RetentionReport } from '../../functions/hosts/compose/retention-function';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import { describeOver } from '../support/given-servers';
import { aPatient } from '../support/verified-patient';
import { awsHome } from './aws-home';
import { type AwsHome, LambdaLake } from './lambda-lake';
import { StackCommand } from './stack-command';

const number = '9990000018';

describeOver('people who operate a lake on Lambda', ['aws', 'postgres'], function (servers) {
  this.timeout(300_000);

  let home: AwsHome;
  let lake: LambdaLake;
  let sender: GoldenSender;
  let command: StackCommand;
  before(async () => {
    home = await awsHome(servers);
    lake = await LambdaLake.start(home);
    sender = new GoldenSender(lake, await lake.register('A81001', ['system/*.cu']));
    assert.equal((await sender.request('PUT', '/Patient/p1', aPatient('p1', number))).status, 201);
    await lake.settle();
    const desks = ['operator', 'identity-operator'].map((name) => [name, { functionName: name, region: 'eu-west-2' }]);
    command = new StackCommand(
      { desks: Object.fromEntries(desks) },
      { ...home.environment, AWS_ENDPOINT_URL_LAMBDA: lake.invokeEndpoint },
    );
  });
  after(async () => {
    command?.remove();
    await lake?.stop();
  });

  const atDesk =
    (desk: 'operator' | 'identity-operator') =>
    (method: string, input: object = {}) =>
      lake.ask('ann', desk, method, input);
  const [lakeDesk, identityDesk] = [atDesk('operator'), atDesk('identity-operator')];
  const refused = (code: LakeErrorCode, asking: Promise<unknown>): Promise<void> =>
    assert.rejects(asking, (error) => isLakeError(error, code));
  const told = async (stream: AuditStream, action: string): Promise<readonly string[]> => {
    assert.ok(await lake.auditVerifies());
    const records = await sealedRecords(home.storeOf('audit'), stream);
    return records.filter((one) => one.action === action).map(({ agent, outcome }) => `${agent.id} ${outcome.result}`);
  };

  it('look at it and verify both streams of its audit, each look recorded with who asked', async () => {
    const { totals, tables } = (await lakeDesk('status')) as { totals: { resources: number }; tables: string[] };
    assert.equal(totals.resources, 1);
    assert.ok(tables.includes('curated.patient'));
    assert.equal(((await lakeDesk('listProviders')) as object[]).length, 1);
    assert.equal(((await lakeDesk('verifyAudit')) as { ok: boolean }).ok, true);
    assert.equal(((await identityDesk('verifyAudit')) as { ok: boolean }).ok, true);
    assert.deepEqual(await told('lake', 'lake status'), ['ann allowed']);
  });

  it('build marts and read them by SQL, and nothing else', async () => {
    const built = await lake.whileBeating(
      lakeDesk('buildMarts', { names: ['patient_timeline'], full: false }),
      'marts',
    );
    assert.equal((built as object[]).length, 1);
    const marts = (await lakeDesk('listMarts')) as { mart: string; built?: string }[];
    assert.ok(marts.find(({ mart }) => mart === 'patient_timeline')?.built !== undefined);
    const sql = (text: string): Promise<unknown> => lakeDesk('sql', { text });
    const { columns } = (await sql('SELECT count(*) AS n FROM marts.patient_timeline')) as {
      columns: { name: string }[];
    };
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['n'],
    );
    for (const text of [
      'SELECT * FROM curated.patient',
      "SELECT * FROM read_text('/etc/passwd')",
      'SELECT 1; SELECT 2',
    ])
      await refused('InvalidArgument', sql(text));
    assert.deepEqual(await told('lake', 'lake sql'), ['ann allowed', 'ann denied', 'ann denied', 'ann denied']);
  });

  it('ask by the command line, signed as whoever is signed in, each under the own alias', async () => {
    const status = await command.run('status', '--stack', 'test', '--operator', 'ann', '--json');
    assert.equal(status.code, 0, status.error);
    assert.ok((JSON.parse(status.out) as { tables: string[] }).tables.includes('curated.patient'));
    const sql = 'SELECT count(*) AS n FROM marts.patient_timeline';
    const counted = await command.run('sql', sql, '--stack', 'test', '--operator', 'ann', '--json');
    assert.equal(counted.code, 0, counted.error);
    assert.match(counted.out, /"n"/);
    const eve = await command.run('status', '--stack', 'test', '--operator', 'eve');
    assert.equal(eve.code, 1);
    assert.match(eve.error, /no such desk for this operator/);
    const wrong = new StackCommand(
      { desks: { operator: { functionName: 'operator', region: 'eu-west-2' } } },
      { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_ENDPOINT_URL_LAMBDA: lake.invokeEndpoint },
    );
    const refusedByIam = await wrong.run('status', '--stack', 'test', '--operator', 'ann');
    wrong.remove();
    assert.equal(refusedByIam.code, 1);
    assert.match(refusedByIam.error, /AWS refuses whoever is signed in here/);
  });

  it('curate by hand', async () => {
    assert.equal((await sender.request('PUT', '/Patient/p2', aPatient('p2', '9990000026'))).status, 201);
    await lake.whileBeating(lakeDesk('curate'), 'curate');
    assert.equal(((await lakeDesk('status')) as { segments: { waiting: number } }).segments.waiting, 0);
    assert.deepEqual(await lakeDesk('redrive'), { redriven: 0 });
    await lake.settle();
  });

  it('find, explain and replay a held message', async () => {
    const held = {
      ...aPatient('p3', '9990000034'),
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000035' }],
    };
    const answer = await sender.request('PUT', '/Patient/p3', held);
    assert.equal(answer.status, 202);
    const tracking = /tracking id ([0-9a-f-]{36})/.exec(await answer.text())![1]!;
    const [message] = (await identityDesk('heldMessages')) as { tracking: string; reasons: string[] }[];
    assert.equal(message?.tracking, tracking);
    assert.match(message?.reasons.join(' ') ?? '', /nhs-number-invalid/);
    assert.ok(!JSON.stringify(message).includes('9990000035'));
    const replay = (acceptNhsNumber: boolean): Promise<unknown> =>
      identityDesk('replayHeld', { tracking, acceptNhsNumber });
    assert.equal(((await replay(false)) as { status: string }).status, 'held');
    assert.deepEqual(await replay(true), {
      tracking,
      status: 'stored',
      resources: [{ type: 'Patient', version: 1 }],
      reasons: [],
    });
    assert.deepEqual(await identityDesk('heldMessages'), []);
    await refused('NotFound', replay(true));
    assert.deepEqual(await told('identity', 'lake identity quarantine replay'), [
      'ann allowed',
      'ann allowed',
      'ann denied',
    ]);
  });

  it('load opt-out lists inside the identity zone', async () => {
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    await identityDesk('loadOptOuts', { name: 'national', asOf, longestAgeDays: 7, text: `${number},\n` });
    assert.deepEqual(await told('identity', 'lake identity opt-out load'), ['ann allowed']);
  });

  it('have an extract made for a project once both opt-out lists are there', async () => {
    const project = 'asthma-study';
    await identityDesk('createProject', { project });
    const extract = () =>
      lake.whileBeating(lakeDesk('extract', { project, mart: 'patient_timeline', format: 'parquet' }), 'research');
    await refused('PreconditionFailed', extract());
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    await identityDesk('loadOptOuts', { name: 'type-1', asOf, longestAgeDays: 7, text: '' });
    const { place, manifest } = (await extract()) as MadeExtract;
    assert.equal((await home.storeOf('releases').head(`${place}/${manifest.file.name}`)).size, manifest.file.bytes);
    assert.deepEqual(await told('lake', 'lake extract'), ['ann denied', 'ann allowed']);
  });

  it('see what would expire, and expire nothing where the stack names no schedule', async () => {
    const desk = (method: string) => lake.whileBeating(lakeDesk(method), 'erasure');
    const { records } = (await desk('retentionReport')) as RetentionReport;
    assert.deepEqual([records.due, records.held], [0, 0]);
    assert.ok(records.kept > 1);
    await refused('Unsupported', desk('expire'));
    assert.deepEqual(await told('lake', 'lake retention run'), ['ann denied']);
  });

  it('are nobody but those whom the stack names, and ask nothing that is not theirs', async () => {
    // Nobody made an alias for eve.
    await refused('NotFound', lake.ask('eve', 'operator', 'status'));
    await refused('Unsupported', identityDesk('addOperator', { name: 'eve' }));
    await refused('InvalidArgument', identityDesk('decideLink', { patientRef: 1 }));
    // Past every policy of IAM: no alias, a version, another function's, and a person where no person asks.
    const asked: readonly (readonly [desk: string, alias: string | undefined, method: string])[] = [
      ['operator', undefined, 'status'],
      ['operator', '7', 'status'],
      ['operator', 'marts', 'status'],
      ['identity-operator', 'operator', 'optOutLists'],
      ['mart-sql', 'operator-ann', 'sql'],
      ['quarantine-replay', 'operator', 'replay'],
    ];
    for (const [desk, alias, method] of asked) {
      const answer = lake.invoke(desk, { request: { method, input: {} } }, alias).then(resultOf);
      await refused('PermissionDenied', answer);
    }
    assert.deepEqual((await told('lake', 'lake status')).slice(-3), Array(3).fill('unknown denied'));
    assert.deepEqual((await told('lake', 'request:mart-sql')).slice(-1), ['unknown denied']);
    assert.deepEqual((await told('lake', 'request:quarantine-replay')).slice(-1), ['unknown denied']);
    assert.deepEqual((await told('identity', 'lake identity opt-out status')).slice(-1), ['unknown denied']);
    assert.deepEqual(await told('identity', 'lake operation'), ['ann denied']);
  });

  it('erase a person: numbers go to the identity zone, pseudonyms to the lake', async () => {
    const found = (await identityDesk('findPeople', { nhsNumbers: [number], patients: [] })) as object;
    assert.ok(!JSON.stringify(found).includes(number));
    const certificate = (await lake.whileBeating(lakeDesk('erase', found), 'erasure')) as {
      erased: { resources: object };
    };
    assert.deepEqual(certificate.erased.resources, { Patient: 1 });
    assert.deepEqual(await identityRegisterStore.open(home.identity).patientsOf(number), []);
  });
});
