import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type FailpointName, failpoints } from '../../functions/failpoint';
import { KillableLake, type Life, type Way } from './killable-lake';
import { observationOf, patientWith, Senders } from './senders';
import { faultless, verdictOn } from './verdict';

/** Kills in all, spread over the named places: two each by default; 490 are ten each. */
const kills = Number(process.env.LAKE_KILLS ?? 2 * failpoints.length);
const roundsEach = Math.ceil(kills / failpoints.length);
const uploadLines = 700;

/** What must hold at the end, besides what the senders were told. */
interface Facts {
  /** Re-keyed ids must be gone from every table. */
  readonly erased: Set<string>;
  readonly senders: Senders;
}

/** Work that only meets its failpoints when somebody asks for it; gives what makes it complete in a later life. */
type Work = (life: Life, facts: Facts) => Promise<(later: Life) => Promise<void>>;

const nothingMore = async (): Promise<void> => undefined;

const bulkImport: Work = async (life, { senders }) => {
  const lines = Array.from({ length: uploadLines }, () => randomUUID());
  const asked = await life.request('POST', '/$import', undefined, { 'x-request-id': randomUUID() });
  const place = /\/\$import\/[0-9a-f-]{36}$/.exec(asked?.headers.get('content-location') ?? '')?.[0];
  if (place === undefined) return nothingMore;
  const uploaded = await life.request('PUT', `${place}/upload`, lines.map((id) => observationOf(id, 'p1')).join('\n'), {
    'x-request-id': randomUUID(),
    'content-type': 'application/fhir+ndjson',
  });
  // Killed before the answer: the upload may be there or not, and the sender was told nothing.
  if (uploaded === undefined) senders.perhaps(lines);
  if (uploaded?.status !== 202) return nothingMore;
  return async (later) => {
    for (let wait = 0; wait < 400; wait += 1) {
      const status = await later.request('GET', place);
      if (status?.status === 200) return senders.imported(lines, status.text);
      await pause(50);
    }
    throw new Error('An import that was cut off did not go on.');
  };
};

const erasure: Work = async (life, { senders, erased }) => {
  const [patient, observation, number] = [randomUUID(), randomUUID(), senders.numbers.next()];
  await senders.acknowledge(life, 'Patient', patient, patientWith(patient, number));
  await senders.acknowledge(life, 'Observation', observation, observationOf(observation, patient));
  // Once: what was built is built again by every erasure.
  if (erased.size === 0) await life.operate('buildMarts', ['service_effectiveness']);
  await pause(500);
  for (const id of [patient, observation]) erased.add(id);
  await life.operate('erase', { nhsNumbers: [number], patients: [] });
  return async (later) => {
    for (const [type, id] of [
      ['Patient', patient],
      ['Observation', observation],
    ])
      assert.equal((await later.request('HEAD', `/${type}/${id}`))?.status, 404, 'what was erased is there again');
  };
};

const compaction: Work = async (life, { senders }) => {
  const id = randomUUID();
  await senders.acknowledge(life, 'Observation', id, observationOf(id, 'p1'));
  await life.operate('curate');
  await life.operate('compact');
  return async (later) => {
    await later.operate('compact');
  };
};

const replay: Work = async (life, { senders }) => {
  const id = randomUUID();
  const held = await life.request('PUT', `/Patient/${id}`, patientWith(id, '9990000019'), {
    'x-request-id': randomUUID(),
  });
  const tracking = /tracking id ([0-9a-f-]{36})/.exec(held?.text ?? '')?.[1];
  if (tracking === undefined) throw new Error('A message to hold was not held.');
  await life.operate('replayHeld', tracking, { acceptNhsNumber: true });
  return async (later) => {
    await later.operate('replayHeld', tracking, { acceptNhsNumber: true });
    const head = await later.request('HEAD', `/Patient/${id}`);
    assert.deepEqual([head?.status, head?.headers.get('etag')], [200, 'W/"1"']);
    senders.replayed(id);
  };
};

const resplit: Work = async (life, { senders }) => {
  const id = randomUUID();
  await senders.acknowledge(life, 'Observation', id, observationOf(id, 'p1'));
  await life.operate('resplit', { dryRun: false });
  return async (later) => {
    assert.equal((await later.request('HEAD', `/Observation/${id}`))?.headers.get('etag'), 'W/"1"');
    await later.operate('resplit', { dryRun: false });
  };
};

const rotation: Work = async (life, { senders }) => {
  const id = randomUUID();
  await senders.acknowledge(life, 'Observation', id, observationOf(id, 'p1'));
  await pause(500);
  await life.operate('rotatePseudonymKey');
  return async (later) => {
    const head = await later.request('HEAD', `/Observation/${id}`);
    assert.equal(head?.status, 200, 'a rotation that was cut off lost what was sent before');
  };
};

const workOf: Readonly<Record<string, Work>> = {
  ingest: async () => nothingMore,
  identity: async () => nothingMore,
  curate: async () => nothingMore,
  compaction,
  audit: async () => nothingMore,
  collect: async () => nothingMore,
  jobs: bulkImport,
  import: bulkImport,
  replay,
  resplit,
  erase: erasure,
  rotate: rotation,
};

/** Work that is asked for passes its places once; the others are passed all the time, so not only at the start. */
const firstPass: Readonly<Record<string, (round: number) => number>> = {
  ingest: (round) => 5 + 4 * (round % 5),
  identity: (round) => 2 + (round % 3),
  curate: (round) => 2 + (round % 3),
  audit: (round) => 1 + (round % 2),
  // In its first life the collector finds nothing: it is what other lives left that it condemns.
  collect: (round) => 1 + (round % 2),
};

const familyOf = (name: string): string => name.split('.')[0]!;

/**
 * Places of a family share a lake. A rotation makes over all that its lake holds while senders add to it, so that each kill takes
 * longer than the one before: each of its places has a lake of its own.
 */
const places = Map.groupBy(failpoints, (name) => (familyOf(name) === 'rotate' ? name : familyOf(name)));

for (const [place, names] of places) {
  describe(`Killed in ${place}, the lake loses nothing it acknowledged and keeps nothing twice`, function () {
    this.timeout(1_800_000);
    let lake: KillableLake;
    let killed = 0;
    const family = familyOf(place);
    const missed: FailpointName[] = [];
    const asked = firstPass[family] === undefined;
    // Work that is asked for needs the processor too.
    const facts: Facts = { erased: new Set(), senders: new Senders(asked ? 150 : 15) };

    before(async () => {
      lake = await KillableLake.make();
    });
    after(() => lake.remove());

    /** Each re-split finds the rules changed; the collector is at work all the time. */
    function nextWay(): Way {
      if (family === 'collect') return 'hasty';
      return family === 'resplit' && killed % 2 === 0 ? 'looser' : 'plain';
    }

    async function killAt(name: FailpointName, pass: number, way: Way): Promise<void> {
      const work = workOf[family];
      assert.ok(work !== undefined, `nothing in this suite makes the lake pass ${name}`);
      const life = await lake.start(name, pass, way);
      const patience = setTimeout(() => {
        missed.push(name);
        life.kill();
      }, 200_000);
      // What a crash between put and commit leaves, whenever one comes by.
      if (family === 'collect') {
        const day = join(lake.folder, 'landing', 'L99001', 'general', '2026', '01', '01');
        mkdirSync(day, { recursive: true });
        for (let stray = 0; stray < 3; stray += 1) writeFileSync(join(day, `${randomUUID()}.ndjson`), 'sealed');
      }
      const sending = facts.senders.send(life);
      const complete = await work(life, facts);
      await sending;
      clearTimeout(patience);
      assert.deepEqual([await life.over, missed], ['SIGKILL', []], 'the place was not passed');
      killed += 1;
      if (complete === nothingMore) return;
      const later = await lake.start('none', 1, way);
      await complete(later);
      later.kill();
      await later.over;
    }

    for (const name of names) {
      it(`at ${name}`, async () => {
        for (let round = 0; round < roundsEach; round += 1)
          await killAt(name, firstPass[family]?.(round) ?? 1, nextWay());
      });
    }

    it('and at the end every version that was acknowledged is there once, nothing unknown is, and the audit verifies', async () => {
      const { senders, erased } = facts;
      const verdict = await verdictOn(lake.folder, senders, { erased, folds: family === 'compaction' });
      assert.deepEqual(verdict.faults, faultless);
      assert.equal(killed, names.length * roundsEach);
      const { kept, present, auditRecords } = verdict;
      // One life at each place may end before anything was sent.
      assert.ok(auditRecords >= kept && (kept > killed || roundsEach === 1));
      process.stdout.write(
        `      ${killed} kills, ${kept} versions acknowledged of ${senders.sendings.length} sent, ${present} present, ${auditRecords} audit records\n`,
      );
    });
  });
}
