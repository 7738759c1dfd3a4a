import assert from 'node:assert/strict';
import { GetTablesCommand } from '@aws-sdk/client-glue';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { jobStore } from '../../functions/jobs/job-queue';
import { GoldenSender } from '../contract/golden-sender';
import { describeOver } from '../support/given-servers';
import { aPatient } from '../support/verified-patient';
import { awsHome } from './aws-home';
import { type AwsHome, LambdaLake } from './lambda-lake';

const childNumber = '9990000018';
/** Kept until the 25th birthday; the adult until the site decides. */
const child = { ...aPatient('c1', childNumber), birthDate: '2012-05-01' };
const adult = { ...aPatient('a1', '9990000026'), birthDate: '1960-01-01' };
const grown = '2037-05-01T00:00:00.000Z';

describeOver('what a lake on Lambda does by itself', ['aws', 'postgres'], function (servers) {
  this.timeout(300_000);

  let home: AwsHome;
  let lake: LambdaLake;
  before(async () => {
    home = await awsHome(servers);
    Object.assign(home.environment, { LAKE_RETENTION: '{}' });
    lake = await LambdaLake.start(home);
    const sender = new GoldenSender(lake, await lake.register('A81001', ['system/*.cu']));
    for (const patient of [child, adult]) {
      assert.equal((await sender.request('PUT', `/Patient/${patient.id}`, patient)).status, 201);
      // A file of its own for each.
      await lake.settle();
    }
  });
  after(() => lake?.stop());

  /** Makes the schedule of a function due, lets it beat, and gives its newest run. */
  const ticked = async (name: string) => {
    // The first beat declares the schedule.
    await lake.beat(name);
    await home.lake.transaction(async (tx) => {
      const moved = await tx.run('UPDATE job_schedule SET next_tick = ? WHERE name = ?', [
        '2020-01-01T00:00:00.000Z',
        name,
      ]);
      assert.equal(moved, 1, name);
    });
    await lake.beat(name);
    const [run] = await jobStore.open(home.lake).list({ job: name });
    return run;
  };

  it('registers its tables in Glue as other engines know Delta', async () => {
    const { client, binding } = home.glue;
    const { TableList = [] } = await client.send(new GetTablesCommand({ DatabaseName: binding.curatedDatabase }));
    const patient = TableList.find(({ Name }) => Name === 'patient');
    assert.equal(patient?.StorageDescriptor?.Location, `${binding.curated}/patient/`);
    assert.equal(patient?.Parameters?.['spark.sql.sources.provider'], 'delta');
  });

  it('compacts its tables and collects what is left over, each by its schedule', async () => {
    for (const name of ['compaction', 'landing-collector', 'identity-collector']) {
      const run = await ticked(name);
      assert.deepEqual([run?.state, run?.origin], ['succeeded', `schedule:${name}`], name);
    }
    const [compaction] = await jobStore.open(home.lake).list({ job: 'compaction' });
    const { result } = await jobStore.open(home.lake).show(compaction!.id);
    assert.ok((result as { tables: number }).tables >= 2);
    const [row] = await lake.rows('SELECT count(*)::INTEGER AS n FROM curated.patient');
    assert.equal(row?.n, 2);
  });

  it('takes a record on its day out of every zone, with a certificate, and keeps what nobody decided', async () => {
    const jobs = jobStore.open(home.lake);
    const input = { at: grown };
    const { runId } = await jobs.enqueue({ job: 'retention', origin: 'test', input, maxAttempts: 1, now: new Date() });
    await lake.beat('erasure');
    const { state, result, failure } = await jobs.show(runId);
    assert.equal(state, 'succeeded', failure?.message);
    const { records, certificates } = result as { records: number; certificates: readonly string[] };
    assert.deepEqual([records, certificates.length], [1, 1]);
    const bytes = await home.storeOf('releases').read(`erasures/${certificates[0]}.json`);
    const certificate = JSON.parse(Buffer.from(bytes).toString('utf8')) as ErasureCertificate;
    assert.deepEqual([certificate.reason, certificate.erased.resources], ['retention', { Patient: 1 }]);
    const register = identityRegisterStore.open(home.identity);
    assert.deepEqual(
      [await register.patientsOf(childNumber), (await register.patientsOf('9990000026')).length],
      [[], 1],
    );
    const told = (await lake.ask('ann', 'operator', 'certificates')) as readonly { readonly id: string }[];
    assert.deepEqual(
      told.map(({ id }) => id),
      certificates,
    );
    assert.ok(await lake.auditVerifies());
  });
});
