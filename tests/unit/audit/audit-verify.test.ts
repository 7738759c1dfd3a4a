import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import {
  checkpointKey,
  decodeCheckpoint,
  encodeCheckpoint,
  signingInput,
} from '../../../functions/audit/audit-checkpoint';
import type { AuditProblemKind } from '../../../functions/audit/audit-problems';
import { parseLine, sealLine, segmentKey, segmentLines } from '../../../functions/audit/audit-segment';
import { type AuditReport, together } from '../../../functions/audit/audit-verify';
import { MerkleTree } from '../../../functions/audit/merkle-tree';
import { AuditLake, contentsOf, SigningKey, storeWith } from './audit-lake';

/**
 * A log of 11 records in 3 segments (4, 4, 3), with checkpoints 1 (beat), 2 to 4 (segments) and 5 (beat). Sealed once;
 * every attack works on a copy.
 */
let lake: AuditLake;
let sealed: ReadonlyMap<string, Uint8Array>;
let witnessed: ReadonlyMap<string, Uint8Array>;

interface Crime {
  readonly audit: MemoryObjectStore;
  readonly witness: MemoryObjectStore;
}

const linesOf = async (store: MemoryObjectStore, segment: number) =>
  segmentLines(await store.read(segmentKey(segment)))!;
const writeLines = (store: MemoryObjectStore, segment: number, lines: readonly string[]) =>
  store.put(segmentKey(segment), Buffer.from(`${lines.join('\n')}\n`));

/** Rewrites a segment and everything behind it with right hashes: what an insider without the key can do. */
async function rewriteFrom(store: MemoryObjectStore, segment: number, change: (records: object[]) => object[]) {
  const before = segment === 1 ? undefined : parseLine((await linesOf(store, segment - 1)).at(-1)!);
  let previous = before?.hash ?? parseLine((await linesOf(store, 1))[0]!)!.previous;
  let position = before?.position ?? 0;
  for (let number = segment; number <= 3; number += 1) {
    const records = (await linesOf(store, number)).map((line) => JSON.parse(parseLine(line)!.record) as object);
    const lines = (number === segment ? change(records) : records).map((record) => {
      position += 1;
      const { line, hash } = sealLine(record, position, previous);
      previous = hash;
      return line;
    });
    await writeLines(store, number, lines);
  }
}

const deny = (record: object) => ({ ...record, outcome: { result: 'allowed', code: 'created', status: 200 } });

async function forge({ audit }: Crime, sequence: number, key: SigningKey, change: object): Promise<Uint8Array> {
  const { checkpoint } = decodeCheckpoint(await audit.read(checkpointKey(sequence)))!;
  const forged = { ...checkpoint, ...change };
  const signature = await key.sign(Buffer.from(signingInput(forged)));
  return encodeCheckpoint(forged, signature, (await key.publicKey()).pem);
}

/** Removes the last segment and every checkpoint that covers it. */
async function cutTail(store: MemoryObjectStore): Promise<void> {
  await store.delete(segmentKey(3));
  await store.delete(checkpointKey(4));
  await store.delete(checkpointKey(5));
}

const attacks: [string, readonly AuditProblemKind[], (crime: Crime) => Promise<unknown>][] = [
  [
    'a changed record',
    ['record-edited'],
    async ({ audit }) => {
      const lines = await linesOf(audit, 2);
      await writeLines(audit, 2, lines.with(1, lines[1]!.replace('"allowed"', '"denied"')));
    },
  ],
  [
    'a changed record with a new hash',
    ['chain-broken'],
    async ({ audit }) => {
      const lines = await linesOf(audit, 2);
      const { position, previous, record } = parseLine(lines[1]!)!;
      const { line } = sealLine(deny(JSON.parse(record)), position, previous);
      await writeLines(audit, 2, lines.with(1, line));
    },
  ],
  [
    'a changed record and every hash behind it',
    ['root-mismatch'],
    ({ audit }) => rewriteFrom(audit, 2, (records) => records.with(0, deny(records[0]!))),
  ],
  [
    'a removed record',
    ['record-missing'],
    async ({ audit }) => writeLines(audit, 2, (await linesOf(audit, 2)).toSpliced(1, 1)),
  ],
  [
    'a removed record and every hash behind it',
    ['root-mismatch'],
    ({ audit }) => rewriteFrom(audit, 2, (records) => records.slice(1)),
  ],
  [
    'an inserted line',
    ['record-repeated'],
    async ({ audit }) => {
      const lines = await linesOf(audit, 1);
      const { hash, record } = parseLine(lines[1]!)!;
      await writeLines(audit, 1, lines.toSpliced(2, 0, sealLine(deny(JSON.parse(record)), 2, hash).line));
    },
  ],
  [
    'an inserted record and every hash behind it',
    ['root-mismatch'],
    ({ audit }) => rewriteFrom(audit, 1, (records) => records.toSpliced(2, 0, deny(records[0]!))),
  ],
  [
    "two records in each other's place",
    ['record-missing', 'record-repeated'],
    async ({ audit }) => {
      const lines = await linesOf(audit, 2);
      await writeLines(audit, 2, lines.with(1, lines[2]!).with(2, lines[1]!));
    },
  ],
  [
    "two records in each other's place and every hash behind them",
    ['root-mismatch'],
    ({ audit }) => rewriteFrom(audit, 2, (records) => records.toReversed()),
  ],
  [
    'a replayed record at the end',
    ['record-repeated'],
    async ({ audit }) => {
      await writeLines(audit, 3, [...(await linesOf(audit, 3)), (await linesOf(audit, 1))[0]!]);
    },
  ],
  [
    'a replayed segment',
    ['record-repeated'],
    async ({ audit }) => audit.put(segmentKey(4), await audit.read(segmentKey(1))),
  ],
  [
    'a forged record at the end with a right hash',
    ['records-uncovered'],
    async ({ audit }) => {
      const last = parseLine((await linesOf(audit, 3)).at(-1)!)!;
      await writeLines(audit, 4, [sealLine(deny(JSON.parse(last.record)), last.position + 1, last.hash).line]);
    },
  ],
  ['a lost segment in the middle', ['segment-missing', 'record-missing'], ({ audit }) => audit.delete(segmentKey(2))],
  ['a cut tail: last segment only', ['tail-cut'], ({ audit }) => audit.delete(segmentKey(3))],
  ['a cut tail: last segment and its checkpoints', ['checkpoint-removed', 'tail-cut'], ({ audit }) => cutTail(audit)],
  [
    'a cut tail within a segment',
    ['tail-cut'],
    async ({ audit }) => writeLines(audit, 3, (await linesOf(audit, 3)).slice(0, 1)),
  ],
  [
    'everything removed',
    ['checkpoint-removed', 'tail-cut'],
    async ({ audit }) => {
      for (const key of sealed.keys()) await audit.delete(key);
    },
  ],
  [
    "a record moved into the next segment's file",
    ['root-mismatch'],
    async ({ audit }) => {
      const [first, second] = [await linesOf(audit, 1), await linesOf(audit, 2)];
      await writeLines(audit, 1, first.slice(0, -1));
      await writeLines(audit, 2, [first.at(-1)!, ...second]);
    },
  ],
  [
    'a segment that is no text',
    ['segment-unreadable'],
    ({ audit }) => audit.put(segmentKey(2), Uint8Array.of(0xff, 0xfe, 10)),
  ],
  [
    'a line that is no record',
    ['record-malformed'],
    async ({ audit }) => writeLines(audit, 2, (await linesOf(audit, 2)).with(0, '{}')),
  ],
  [
    'an object that does not belong there',
    ['object-unexpected'],
    ({ audit }) => audit.put('segments/x.ndjson', Buffer.from('x\n')),
  ],
  [
    'a checkpoint signed by another key',
    ['checkpoint-forged', 'witness-differs'],
    async (crime) => crime.audit.put(checkpointKey(4), await forge(crime, 4, new SigningKey(), {})),
  ],
  [
    'a rewritten log with checkpoints signed by another key, and no witness copy of them',
    ['checkpoint-forged'],
    async (crime) => {
      await rewriteFrom(crime.audit, 3, (records) => records.with(0, deny(records[0]!)));
      for (const sequence of [4, 5]) {
        await crime.audit.put(checkpointKey(sequence), await forge(crime, sequence, new SigningKey(), {}));
        await crime.witness.delete(checkpointKey(sequence));
      }
    },
  ],
  [
    'a checkpoint of the same size with another root, signed by the stolen key',
    ['two-histories'],
    async (crime) => {
      const other = new MerkleTree();
      for (let index = 0; index < 11; index += 1) other.append(Buffer.from([index]));
      const change = { root: other.root(), frontier: other.frontier };
      await crime.audit.put(checkpointKey(5), await forge(crime, 5, lake.key, change));
    },
  ],
  [
    'a whole history rewritten with the stolen key, behind the back of the witness',
    ['two-histories'],
    async (crime) => {
      await rewriteFrom(crime.audit, 3, (records) => records.with(0, deny(records[0]!)));
      const tree = new MerkleTree();
      let head = '';
      for (const segment of [1, 2, 3]) {
        for (const line of await linesOf(crime.audit, segment)) {
          head = parseLine(line)!.hash;
          tree.append(Buffer.from(head, 'hex'));
        }
      }
      const change = { root: tree.root(), frontier: tree.frontier, head };
      await crime.audit.put(checkpointKey(4), await forge(crime, 4, lake.key, change));
      await crime.audit.put(checkpointKey(5), await forge(crime, 5, lake.key, change));
    },
  ],
  [
    'an older checkpoint in place of a newer one',
    ['checkpoint-chain-broken', 'witness-differs'],
    async ({ audit }) => audit.put(checkpointKey(5), await audit.read(checkpointKey(3))),
  ],
  [
    'a changed checkpoint',
    ['checkpoint-malformed', 'witness-differs'],
    async ({ audit }) => {
      const bytes = Buffer.from(await audit.read(checkpointKey(3)));
      await audit.put(checkpointKey(3), Buffer.concat([bytes, Buffer.from(' ')]));
    },
  ],
  [
    'a checkpoint lost on both sides',
    ['checkpoint-missing'],
    async ({ audit, witness }) => {
      await audit.delete(checkpointKey(3));
      await witness.delete(checkpointKey(3));
    },
  ],
  ['a checkpoint lost in the audit zone', ['checkpoint-removed'], ({ audit }) => audit.delete(checkpointKey(3))],
  ['a checkpoint lost on the witness', ['witness-missing'], ({ witness }) => witness.delete(checkpointKey(3))],
  [
    'an emptied witness',
    ['witness-missing'],
    async ({ witness }) => {
      for (const key of witnessed.keys()) await witness.delete(key);
    },
  ],
];

describe('together', () => {
  const report = (more: Partial<AuditReport>): AuditReport => ({
    ...{ ok: true, records: 1, checkpoints: 1, newestCheckpoint: '2026-01-02T00:00:00.000Z' },
    ...{ silences: [], problemsFound: 0, problems: [] },
    ...more,
  });

  it('is whole when each stream is, and as new as the one that is behind', () => {
    const other = report({ records: 2, newestCheckpoint: '2026-01-01T00:00:00.000Z' });
    assert.deepEqual(together([report({}), other]), { ...other, records: 3, checkpoints: 2 });
    const silent = { kind: 'silent', position: 2, message: 'x' } as unknown as AuditReport['problems'][number];
    const broken = report({ ok: false, newestCheckpoint: undefined, problemsFound: 1, problems: [silent] });
    const both = together([report({}), broken]);
    assert.deepEqual(
      [both.ok, both.newestCheckpoint, both.problemsFound, both.problems],
      [false, undefined, 1, [silent]],
    );
    assert.equal(together([]).ok, false);
  });
});

describe('verifyAudit', () => {
  before(async () => {
    lake = await AuditLake.open();
    const sealer = lake.sealer();
    await sealer.seal();
    await lake.record(11);
    lake.clock.pass(10);
    await sealer.seal();
    lake.clock.pass(60);
    await sealer.seal();
    sealed = await contentsOf(lake.audit);
    witnessed = await contentsOf(lake.witness);
  });
  after(() => lake.close());

  const commit = async (attack: (crime: Crime) => Promise<unknown>) => {
    const crime = { audit: await storeWith(sealed), witness: await storeWith(witnessed) };
    await attack(crime);
    return lake.verify(crime);
  };

  it('finds nothing wrong with an untouched log, in its copies, with the public key alone', async () => {
    const report = await commit(async () => undefined);
    assert.deepEqual([report.ok, report.records, report.checkpoints, report.problems], [true, 11, 5, []]);
  });

  for (const [what, expected, attack] of attacks) {
    it(`detects ${what}`, async () => {
      const report = await commit(attack);
      assert.equal(report.ok, false);
      const kinds = report.problems.map(({ kind }) => kind);
      for (const kind of expected) assert(kinds.includes(kind), `${kind} is not among ${kinds.join(', ')}`);
      for (const { whatToDo } of report.problems) assert(whatToDo.length > 40);
    });
  }

  it('tells where: the position of the edited record and the object it lies in', async () => {
    const report = await commit(async ({ audit }) => {
      const lines = await linesOf(audit, 2);
      await writeLines(audit, 2, lines.with(2, lines[2]!.replace('Observation', 'Condition')));
    });
    assert.deepEqual(report.problems.map(({ kind, position, object }) => [kind, position, object])[0], [
      'record-edited',
      7,
      segmentKey(2),
    ]);
  });

  it('detects any change of any byte, any cut and any removal', async () => {
    const keys = [...sealed.keys()];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('flip', 'cut', 'add', 'remove'),
        async (which, where, mask, how) => {
          const key = keys[which % keys.length]!;
          const bytes = Buffer.from(sealed.get(key)!);
          const at = where % bytes.length;
          const report = await commit(async ({ audit }) => {
            if (how === 'remove') return audit.delete(key);
            if (how === 'cut') return audit.put(key, bytes.subarray(0, at));
            if (how === 'add')
              return audit.put(key, Buffer.concat([bytes.subarray(0, at), Uint8Array.of(mask), bytes.subarray(at)]));
            bytes[at]! ^= mask;
            return audit.put(key, bytes);
          });
          assert.equal(report.ok, false, `${how} of ${key} at ${at} was not detected`);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('waits for the checkpoint of a segment that a working sealer has just put', async () => {
    const live = await AuditLake.open();
    const signing = Promise.withResolvers<void>();
    const put = Promise.withResolvers<void>();
    const halted = async (place: string) => {
      if (place !== 'audit.after-segment') return;
      put.resolve();
      await signing.promise;
    };
    try {
      await live.sealer().seal();
      await live.record(2);
      const sealing = live.sealer({ failpoint: halted }).seal();
      await put.promise;
      assert.deepEqual(
        (await live.verify()).problems.map(({ kind }) => kind),
        ['records-uncovered'],
      );
      const verifying = live.verify({ settleMilliseconds: 60_000 });
      signing.resolve();
      assert.deepEqual((await verifying).problems, []);
      await sealing;
    } finally {
      signing.resolve();
      await live.close();
    }
  });

  it('takes silence for an alarm, and a witness that lags', async () => {
    const now = (seconds: number) => new Date(lake.clock.now().getTime() + seconds * 1000);
    assert.equal((await lake.verify({ maxSilenceSeconds: 180, now: now(170) })).ok, true);
    const late = await lake.verify({ maxSilenceSeconds: 180, now: now(190) });
    assert.deepEqual(
      late.problems.map(({ kind }) => kind),
      ['silent'],
    );
    const gaps = await lake.verify({ maxSilenceSeconds: 30, now: now(0) });
    assert.equal(gaps.silences.length, 1);
  });

  it('trusts no key but those it is given', async () => {
    const report = await lake.verify({ publicKeys: new SigningKey().pems });
    assert.deepEqual(new Set(report.problems.map(({ kind }) => kind)).has('checkpoint-forged'), true);
    await assert.rejects(lake.verify({ publicKeys: ['not a key'] }), { name: 'LakeError', code: 'InvalidArgument' });
  });

  it('begins at a checkpoint when older segments have expired, and counts what it lists', async () => {
    const audit = await storeWith(sealed);
    await audit.delete(segmentKey(1));
    const report = await lake.verify({ audit, fromCheckpoint: 2 });
    assert.deepEqual([report.ok, report.records], [true, 7]);
    const all = await lake.verify({ audit, problemLimit: 1 });
    assert.equal(all.problems.length, 1);
    assert(all.problemsFound > 1);
  });

  it('says that an empty audit zone proves nothing', async () => {
    const report = await lake.verify({ audit: new MemoryObjectStore(), witness: new MemoryObjectStore() });
    assert.deepEqual(
      report.problems.map(({ kind }) => kind),
      ['no-checkpoint'],
    );
  });
});
