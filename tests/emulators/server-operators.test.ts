import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpRequests } from '../../adapters/http/http-requests';
import { isLakeError, type LakeErrorCode } from '../../adapters/ports/errors';
import type { AuditRecord } from '../../functions/audit/audit-record';
import type { AuditStream } from '../../functions/audit/manifest';
import { identityRegisterStore } from '../../functions/identity/identity-register';
import { operatorAccount } from '../../functions/operator/manifest';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { aPatient } from '../support/verified-patient';
import { homeServers, type ServerHome, serverHome } from './server-home';

const number = '9990000018';

describeOver('people who operate a lake off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  let home: ServerHome;
  let lake: KnativeLake;
  before(async () => {
    home = await serverHome(servers);
    lake = await KnativeLake.start(home);
    const sender = new GoldenSender(lake, await lake.register('A81001', ['system/*.cu']));
    assert.equal((await sender.request('PUT', '/Patient/p1', aPatient('p1', number))).status, 201);
    await lake.settle();
  });
  after(() => lake?.stop());

  let calls = 0;
  const askAs = async (account: string, desk: string, method: string, input: unknown = {}): Promise<unknown> => {
    const tokenFile = join(tmpdir(), `lake-operator-${process.pid}-${calls++}`);
    writeFileSync(tokenFile, await home.callToken(account, desk), { mode: 0o600 });
    return new HttpRequests({ address: lake.originOf(desk), tokenFile })
      .ask({ method, input })
      .finally(() => rmSync(tokenFile));
  };
  const ann = operatorAccount('ann');
  const refusedAs = async (code: LakeErrorCode, asking: Promise<unknown>): Promise<void> => {
    await assert.rejects(asking, (error) => isLakeError(error, code));
  };
  /** What the two sealers have sealed by now: everything, since the audit verifies. */
  const told = async (stream: AuditStream, action: string): Promise<readonly AuditRecord[]> => {
    assert.ok(await lake.auditVerifies());
    return (await sealedRecords(home.storeOf('audit'), stream)).filter((one) => one.action === action);
  };

  it('look at it, each look recorded with who asked', async () => {
    const status = (await askAs(ann, 'operator', 'status')) as { totals: { resources: number }; tables: string[] };
    assert.equal(status.totals.resources, 1);
    assert.ok(status.tables.includes('curated.patient'));
    assert.equal(((await askAs(ann, 'operator', 'listProviders')) as object[]).length, 1);
    for (const desk of ['operator', 'identity-operator'])
      assert.equal(((await askAs(ann, desk, 'verifyAudit')) as { ok: boolean }).ok, true, desk);
    const records = await told('lake', 'lake status');
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
    const [record] = await told('identity', 'lake identity opt-out load');
    assert.deepEqual([record?.agent.kind, record?.agent.id], ['operator', 'ann']);
  });

  it('are nobody but those whom the stack names, and ask nothing that is not theirs', async () => {
    await refusedAs('PermissionDenied', askAs(operatorAccount('eve'), 'operator', 'status'));
    await refusedAs('PermissionDenied', askAs('marts', 'operator', 'status'));
    await refusedAs('PermissionDenied', askAs('marts', 'identity-operator', 'optOutLists'));
    await refusedAs('Unsupported', askAs(ann, 'identity-operator', 'reveal'));
    await refusedAs('Unsupported', askAs(ann, 'operator', 'toString'));
    const denied = async (stream: AuditStream, action: string): Promise<number> =>
      (await told(stream, action)).filter((one) => JSON.stringify(one).includes('"denied"')).length;
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

  it('erase a person: numbers go to the identity zone, pseudonyms to the lake', async () => {
    const found = await askAs(ann, 'identity-operator', 'findPeople', { nhsNumbers: [number], patients: [] });
    assert.ok(!JSON.stringify(found).includes(number));
    const certificate = (await askAs(ann, 'operator', 'erase', found)) as { erased: { resources: object } };
    assert.deepEqual(certificate.erased.resources, { Patient: 1 });
    assert.deepEqual(await identityRegisterStore.open(home.identity).patientsOf(number), []);
    await refusedAs('NotFound', askAs(ann, 'identity-operator', 'findPeople', { nhsNumbers: [number], patients: [] }));
  });
});
