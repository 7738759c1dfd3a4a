import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf, tokenSource } from '../../functions/cli/lake-access';
import { RunningLake } from '../support/running-lake';

const failpoints = [
  'ingest.before-put',
  'ingest.put-landing',
  'ingest.put-identity',
  'ingest.after-put',
  'ingest.after-commit',
  'identity.absorbed',
  'identity.before-links',
  'identity.after-links',
  'curate.claimed',
  'curate.table-written',
  'curate.before-complete',
  'audit.after-claim',
  'audit.before-segment',
  'audit.after-segment',
  'audit.after-checkpoint',
  'audit.after-advance',
  'audit.before-witness',
  'audit.after-witness',
];
const roundsEach = Number(process.env.LAKE_KILLS_EACH ?? 2);
const senders = 8;
const port = 20_000 + (process.pid % 20_000);

/** What the senders were told, over all lives of the process. */
const acknowledged = new Set<string>();
const attempted = new Set<string>();

describe('Killed anywhere, the lake loses nothing it acknowledged', function () {
  this.timeout(1_200_000);
  let folder: string;
  let kills = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lake-faults-'));
    const running = await RunningLake.start(folder);
    await running.provider('L99001');
    await running.halt();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(name: string, pass: number): Promise<ChildProcess> {
    const script = join(__dirname, 'lake-process.ts');
    const child = spawn(
      process.execPath,
      ['-r', 'ts-node/register/transpile-only', script, folder, String(port), name, String(pass)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
    return child;
  }

  /** Sends until the process is gone; only an answer counts as an acknowledgement. */
  async function send(child: ChildProcess): Promise<void> {
    const origin = `http://127.0.0.1:${port}`;
    const token = tokenSource(credentialsOf({ data: folder }, 'L99001'), { origin, baseUrl: `${origin}/FHIR/R4` });
    const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const sender = async (): Promise<void> => {
      while (!isGone()) {
        const id = randomUUID();
        attempted.add(id);
        const body = JSON.stringify({
          resourceType: 'Observation',
          id,
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
          subject: { reference: 'Patient/p1' },
        });
        try {
          const response = await fetch(`${origin}/FHIR/R4/Observation/${id}`, {
            method: 'PUT',
            headers: {
              authorization: `Bearer ${await token(false)}`,
              'content-type': 'application/fhir+json',
              'x-request-id': randomUUID(),
            },
            body,
          });
          if (response.status === 201) acknowledged.add(id);
          await response.arrayBuffer();
        } catch {
          // The line broke: nobody was told anything.
        }
      }
    };
    await Promise.all(Array.from({ length: senders }, sender));
  }

  for (const name of failpoints) {
    it(`at ${name}`, async () => {
      for (let round = 0; round < roundsEach; round += 1) {
        const child = await start(name, 1 + round * 2);
        await send(child);
        assert.equal(child.signalCode, 'SIGKILL', `the process did not die at ${name}`);
        kills += 1;
      }
    });
  }

  it('and what was acknowledged is there once, nothing else is, and the audit verifies', async () => {
    const running = await RunningLake.start(folder);
    await running.operator.curate();
    const tokeniser = await running.parts.tokeniser();
    const { rows } = await running.operator.sql('SELECT id, count(*) AS n FROM curated.observation GROUP BY id');
    const present = new Map(rows.map(({ id, n }) => [String(id), Number(n)]));
    const rekeyed = (id: string): string => tokeniser.rekey('L99001', 'Observation', id);
    const lost = [...acknowledged].filter((id) => present.get(rekeyed(id)) !== 1);
    const known = new Set([...attempted].map(rekeyed));
    const strangers = [...present.keys()].filter((id) => !known.has(id));
    const report = await running.operator.verifyAudit();
    await running.halt();
    assert.equal(kills, failpoints.length * roundsEach);
    assert.ok(acknowledged.size > kills);
    assert.deepEqual(
      { lost: lost.length, strangers: strangers.length, problems: report.problems },
      { lost: 0, strangers: 0, problems: [] },
    );
    process.stdout.write(
      `      ${kills} kills, ${acknowledged.size} acknowledged of ${attempted.size} sent, ${present.size} present\n`,
    );
  });
});
