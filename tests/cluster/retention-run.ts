import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import type { RetentionReport } from '../../functions/hosts/compose/retention-function';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { jobStore } from '../../functions/jobs/job-queue';
import { GoldenSender } from '../contract/golden-sender';
import type { PulumiStack } from '../support/pulumi-stack';
import { aPatient } from '../support/verified-patient';
import type { ClusterLake } from './cluster-lake';
import { DeployedCommand } from './deployed-command';
import { repeatedPut } from './repeated-put';
import type { Site } from './site';

const number = '9990000085';
/** Born on the first of May 2012: kept until the 25th birthday. */
const child = { ...aPatient('child', number), birthDate: '2012-05-01' };
const grown = '2037-05-01T00:00:00.000Z';

/** The retention schedule that the stack names: its tick, and a record whose day has come. */
export function retentionRun(
  here: () => { readonly site: Site; readonly stack: PulumiStack; readonly lake: ClusterLake },
): void {
  describe('lets records expire', () => {
    let site: Site;
    let command: DeployedCommand;
    let lake: ClusterLake;
    before(() => {
      const given = here();
      ({ site, lake } = given);
      command = new DeployedCommand(site, given.stack);
    });
    after(() => lake?.stop());

    const jobs = () => jobStore.open(lake.database);
    const ended = async (find: () => Promise<string | undefined>): Promise<Awaited<ReturnType<typeof show>>> => {
      for (let wait = 0; wait < 1200; wait += 1) {
        const id = await find();
        const run = id === undefined ? undefined : await show(id);
        if (run !== undefined && run.state !== 'queued' && run.state !== 'running') return run;
        await pause(250);
      }
      throw new Error('The run did not end.');
    };
    const show = (id: string) => jobs().show(id);

    it('at the tick of its schedule, and nothing before its day', async () => {
      const sender = new GoldenSender(lake, await lake.register('RKEEP', ['system/*.cu']));
      assert.ok((await repeatedPut(sender)('/Patient/child', child)).ok);
      await lake.settle();
      const retention = (await jobs().schedules()).find(({ name }) => name === 'retention');
      assert.ok(retention !== undefined && retention.nextTick > new Date().toISOString());
      // The night comes at once; what ticks is the function that runs on the cluster.
      await lake.database.transaction((tx) =>
        tx.run('UPDATE job_schedule SET next_tick = ? WHERE name = ?', [new Date().toISOString(), 'retention']),
      );
      const run = await ended(async () => (await jobs().list({ job: 'retention' }))[0]?.id);
      const { certificates } = run.result as { readonly certificates: readonly string[] };
      assert.deepEqual([run.state, run.origin, certificates], ['succeeded', 'schedule:retention', []]);
      assert.equal((await identityRegisterStore.open(lake.identityDatabase).patientsOf(number)).length, 1);
    });

    /** What the run as of a day gave. */
    const expired = async (at: string): Promise<readonly string[]> => {
      const asked = { job: 'retention', origin: 'test', input: { at }, maxAttempts: 1, now: new Date() };
      const { runId } = await jobs().enqueue(asked);
      const { state, failure, result } = await ended(async () => runId);
      assert.deepEqual([state, failure], ['succeeded', undefined]);
      return (result as { readonly certificates: readonly string[] }).certificates;
    };

    /** What an operator is told that would expire that day. */
    const due = async (): Promise<Pick<RetentionReport['records'], 'due' | 'held'>> => {
      const { records } = await command.answered<RetentionReport>('retention', 'report', '--at', grown);
      return { due: records.due, held: records.held };
    };

    it('but not under a legal hold, which an operator places and ends', async () => {
      const list = join(site.folder, 'held.txt');
      writeFileSync(list, `${number}\n`, { mode: 0o600 });
      await command.told('retention', 'hold', '--nhs-number-file', list, '--reference', 'Inquiry 12');
      assert.deepEqual(await due(), { due: 0, held: 1 });
      assert.deepEqual(await expired(grown), []);
      const [hold] = await command.answered<{ id: string; reference: string }[]>('retention', 'holds');
      assert.equal(hold?.reference, 'Inquiry 12');
      await command.told('retention', 'release', hold.id);
    });

    it('on their day, out of every zone, with a certificate that an operator reads and verifies', async () => {
      assert.deepEqual(await due(), { due: 1, held: 0 });
      const { certificates } = await command.answered<{ certificates: readonly string[] }>('retention', 'run');
      assert.deepEqual(certificates, [], 'its day has not come when an operator runs the schedule');
      const [id, ...others] = await expired(grown);
      assert.deepEqual([typeof id, others], ['string', []]);
      const text = await command.told('erase', 'certificates', id!);
      assert.equal((JSON.parse(text) as ErasureCertificate).reason, 'retention');
      const file = join(site.folder, 'expired.json');
      writeFileSync(file, text);
      assert.equal(await command.told('erase', 'verify', file), 'genuine\n');
      assert.deepEqual(await identityRegisterStore.open(lake.identityDatabase).patientsOf(number), []);
      const [row] = await lake.rows("SELECT count(*)::INTEGER AS n FROM curated.patient WHERE provider = 'RKEEP'");
      assert.equal(Number(row?.n), 0);
      assert.ok(await lake.auditVerifies());
    });
  });
}
