import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { runCommand, verbs } from '../../functions/cli/main';
import { callOperator } from '../../functions/hosts/local/operator-socket';
import { jobStore } from '../../functions/jobs/job-queue';
import { defineManifest, onRequest, state } from '../../functions/manifest';
import { auditOf } from '../support/audit-reader';
import { RunningLake } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const number = '9990000018';
/** What asks no lake, speaks HTTP as a sender does (audit-routes.test.ts), or is about a stack. */
const asksNoOperator = ['provider key', 'token', 'send', 'simulate', 'validate', 'view run', 'stack evidence'];
/** Recorded where nothing listens on a socket: `up` below, `import` in transfer.test.ts. */
const elsewhere = ['up', 'import'];

const enqueueManifest = defineManifest({
  name: 'asker',
  trigger: onRequest(),
  uses: { jobs: state(jobStore, ['enqueue', 'list']) },
});

interface Step {
  readonly verb: string;
  readonly args: readonly string[];
  readonly exit: 0 | 1;
  readonly result: AuditRecord['outcome']['result'];
}

describe("Every operator's verb and every job leaves one audit record, allowed or denied", function () {
  this.timeout(120_000);
  const beside = mkdtempSync(join(tmpdir(), 'lake-operator-'));
  let running: RunningLake;
  let walk: readonly Step[];
  const seen: { readonly step: Step; readonly began: string; readonly ended: string; readonly exit: number }[] = [];
  let records: readonly AuditRecord[];

  const pause = () => new Promise((resolve) => setTimeout(resolve, 3));
  const now = () => new Date().toISOString();
  const run = async (args: readonly string[]): Promise<number> => {
    const terminal = { out: () => undefined, error: () => undefined, interactive: false };
    return runCommand([...args, '--data', running.folder.root], terminal);
  };
  const between = (began: string, ended: string): readonly AuditRecord[] =>
    records.filter(({ recorded }) => recorded >= began && recorded <= ended);

  before(async () => {
    running = await RunningLake.start();
    const gp = await running.provider('A81001');
    const requestId = randomUUID();
    const sent = await gp.request('PUT', '/Patient/p1', aPatient('p1', number), { 'x-request-id': requestId });
    assert.equal(sent.status, 201);
    const held = {
      ...aPatient('p2', number),
      modifierExtension: [{ url: 'https://example.nhs.uk/x', valueCode: 'a' }],
    };
    const answer = await gp.request('PUT', '/Patient/p2', held);
    const tracking = /tracking id ([0-9a-f-]{36})/.exec(await answer.text())![1]!;
    const patient = (await running.parts.tokeniser()).rekey('A81001', 'Patient', 'p1');
    const at = (name: string, content?: string): string => {
      const file = join(beside, name);
      if (content !== undefined) writeFileSync(file, content);
      return file;
    };
    const numbers = at('numbers.txt', `${number}\n`);
    const pair = at('pair.txt', `9990000026 9990000034\n`);
    const list = at('list.dat', '');
    const nobody = at('nobody.txt', '9990000042\n');
    const certificate = at('certificate.json');
    const step = (
      verb: string,
      args: string,
      result: Step['result'] = 'allowed',
      exit: 0 | 1 = result === 'allowed' ? 0 : 1,
    ): Step => ({
      ...{ verb, result, exit },
      args: args === '' ? [] : args.split(' '),
    });
    const reason = ['--reason', 'a clinician needs to know today'];
    walk = [
      step('status', ''),
      step('doctor', ''),
      step('provider list', ''),
      step('provider register', '--ods B82002 --name Two'),
      step('provider register', '--ods b82002 --name Two', 'denied'),
      step('provider rotate-key', '--ods B82002'),
      step('provider rotate-key', '--ods C83003', 'denied'),
      step('provider retire-key', '--ods B82002'),
      step('provider retire-key', '--ods B82002', 'denied'),
      step('provider disable', '--ods B82002'),
      step('provider disable', '--ods C83003', 'denied'),
      step('provider enable', '--ods B82002'),
      step('provider enable', '--ods B82002', 'denied'),
      step('curate', ''),
      step('compact', ''),
      step('marts build', 'patient_timeline'),
      step('marts build', 'no_such_mart', 'denied'),
      step('marts list', ''),
      step('jobs', ''),
      step('redrive', ''),
      { ...step('sql', ''), args: ['SELECT count(*) FROM curated.patient'] },
      { ...step('sql', '', 'denied'), args: ['DROP TABLE curated.patient'] },
      step('identity quarantine list', ''),
      step('identity quarantine explain', tracking),
      step('identity quarantine replay', tracking, 'allowed', 1),
      step('identity quarantine replay', randomUUID(), 'denied'),
      step('identity report', requestId),
      step('identity link', `--patient ${patient} --nhs-number-file ${numbers}`),
      step('identity link', `--patient nobody --nhs-number-file ${numbers}`, 'denied'),
      step('identity unlink', `--patient ${patient}`),
      step('identity supersede', `--file ${pair}`),
      step('identity opt-out load', `--list type-1 --file ${list} --as-of ${now()} --longest-age-days 7`),
      step('identity opt-out load', `--list type-1 --file ${list} --as-of never --longest-age-days 7`, 'denied'),
      step('identity opt-out status', ''),
      step('identity opt-out ask', `--out ${at('ask.dat')}`),
      step('identity project create', '--project one'),
      step('identity project create', '--project one', 'denied'),
      step('extract', 'patient_timeline --project nowhere', 'denied'),
      step('operator add', '--name ann'),
      step('operator add', '--name ann', 'denied'),
      {
        ...step('reidentify request', '', 'denied'),
        args: [...'--project one --token none --operator ann'.split(' '), ...reason],
      },
      step('reidentify approve', `${randomUUID()} --operator ann`, 'denied'),
      step('reidentify reveal', `${randomUUID()} --operator ann`, 'denied'),
      step('reidentify list', ''),
      step('identity resplit', '--dry-run'),
      step('identity rotate-key', ''),
      step('audit verify', ''),
      step('audit export', `--out ${at('audit-out')}`),
      step('export', `--out ${at('exported')}`),
      step('erase', `--nhs-number-file ${numbers} --out ${certificate}`),
      step('erase', `--nhs-number-file ${nobody}`, 'denied'),
      step('erase verify', certificate),
      step('erase certificates', ''),
      step('erase certificates', randomUUID(), 'denied'),
      step('retention report', ''),
      step('retention report', '--at never', 'denied'),
      step('retention run', ''),
      step('retention hold', '--provider A81001 --reference Inquiry'),
      step('retention hold', '--patient nobody --reference Inquiry', 'denied'),
      step('retention holds', ''),
      step('retention release', randomUUID(), 'denied'),
    ];
    for (const one of walk) {
      await pause();
      const began = now();
      const exit = await run([...one.verb.split(' '), ...one.args]);
      seen.push({ step: one, began, ended: now(), exit });
    }
    records = [...(await auditOf(running, 'lake')), ...(await auditOf(running, 'identity'))];
  });
  after(async () => {
    await running.remove();
    // Of the run that failed on purpose.
    assert.deepEqual(running.failures.map(String), ['LakeError: The job names an import that does not exist.']);
    rmSync(beside, { recursive: true });
  });

  it('knows every verb', () => {
    const known = new Set([...walk.map(({ verb }) => verb), ...asksNoOperator, ...elsewhere]);
    assert.deepEqual(
      verbs.map(({ name }) => name).filter((name) => !known.has(name) && !name.startsWith('stack ')),
      [],
    );
  });

  it('one after another', () => {
    for (const { step, began, ended, exit } of seen) {
      const what = `${step.verb} (${step.result})`;
      assert.equal(exit, step.exit, what);
      const left = between(began, ended).filter(
        ({ agent, action }) => agent.kind === 'operator' && action.startsWith('lake '),
      );
      assert.deepEqual(
        left.map(({ outcome }) => outcome.result),
        [step.result],
        what,
      );
    }
  });

  it('an operation that nobody knows is refused and recorded', async () => {
    const began = now();
    for (const args of [['noSuchThing'], ['identity', 'noSuchThing'], ['toString']] as const) {
      const [method, ...rest] = args;
      await assert.rejects(callOperator(running.folder.socket, method as never, rest), { code: 'Unsupported' });
    }
    const left = (await auditOf(running, 'lake')).filter(
      ({ recorded, agent }) => recorded >= began && agent.kind === 'operator',
    );
    assert.deepEqual(
      left.map(({ action, outcome }) => `${action} ${outcome.result}`),
      Array.from({ length: 3 }, () => 'lake operation denied'),
    );
  });

  it('each run of a job', async () => {
    const { jobs } = running.parts.ports(enqueueManifest);
    const runs: string[] = [];
    // The import there is not: a run that fails leaves its record too.
    for (const job of ['curate', 'marts', 'compaction', 'collect', 'retention', 'import']) {
      const { runId } = await jobs.enqueue({
        job,
        input: { id: randomUUID() },
        origin: 'operator',
        maxAttempts: 1,
        now: new Date(),
      });
      runs.push(runId);
    }
    await run(['curate']);
    const over = async (): Promise<boolean> => {
      const all = await jobs.list();
      return runs.every((id) => all.find((one) => one.id === id)?.finished !== undefined);
    };
    while (!(await over())) await new Promise((resolve) => setTimeout(resolve, 50));
    const after = await auditOf(running, 'lake');
    for (const id of runs) assert.equal(after.filter(({ runId }) => runId === id).length, 1);
    const own = after.filter(
      ({ agent, action, runId }) => agent.kind === 'function' && action.startsWith('job:') && runId === undefined,
    );
    assert.deepEqual(
      own
        .map(({ action }) => action)
        .filter((action) => ['job:curate', 'job:marts', 'job:compaction', 'job:collect'].includes(action)),
      [],
    );
  });

  it('the beginning and the end of the lake itself', async () => {
    await running.halt();
    await running.boot();
    const left = (await auditOf(running, 'lake')).filter(({ action }) => action === 'lake up');
    assert.deepEqual(
      left.map(({ event }) => event),
      ['start', 'stop', 'start'],
    );
  });
});
