import assert from 'node:assert/strict';
import { systemClock } from '../../../adapters/ports/clock';
import type { ObjectInfo } from '../../../adapters/ports/object-store';
import { noFailpoint } from '../../../functions/failpoint';
import { GroupCommit } from '../../../functions/ingest/group-commit';
import type { LedgerRequest, RequestOutcome } from '../../../functions/ingest/ledger';
import type { PreparedRequest } from '../../../functions/ingest/prepared-request';
import type { RetentionClass } from '../../../functions/privacy/rules/retention-codes';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Ports whose commits wait until they are let through. */
class SlowLedger {
  readonly puts: string[] = [];
  readonly commits: (() => void)[] = [];
  refusePuts = false;

  readonly group = new GroupCommit({
    landing: { putIfAbsent: (key) => this.#put(key) },
    identity: { putIfAbsent: (key) => this.#put(key) },
    sealLanding: async (plaintext) => plaintext,
    sealIdentity: async (plaintext) => plaintext,
    ledger: {
      commit: (requests: readonly LedgerRequest[]) =>
        new Promise((resolve) => {
          this.commits.push(() => resolve(requests.map((): RequestOutcome => ({ kind: 'moved' }))));
        }),
    },
    clock: systemClock,
    failpoint: noFailpoint,
    overlapping: true,
  });

  async #put(key: string): Promise<ObjectInfo> {
    if (this.refusePuts) throw new Error('disk full');
    this.puts.push(key);
    return { key, size: 1, lastModified: new Date(0), etag: 'e' };
  }

  /** Sends one request; tells when it was answered. */
  send(...classes: RetentionClass[]): { state: 'waiting' | 'answered' | 'failed' } {
    const sent: { state: 'waiting' | 'answered' | 'failed' } = { state: 'waiting' };
    this.group.submit(requestOf(classes)).then(
      () => {
        sent.state = 'answered';
      },
      () => {
        sent.state = 'failed';
      },
    );
    return sent;
  }
}

const requestOf = (classes: readonly RetentionClass[]): PreparedRequest =>
  ({
    provider: 'A81001',
    requestId: '00000000-0000-4000-8000-000000000000',
    original: '{}',
    interaction: 'POST /FHIR/R4/{type}',
    entries: classes.map((retention) => ({ type: 'Observation', id: 'o', retention, clinicalLine: '{}' })),
    resolutions: [],
  }) as unknown as PreparedRequest;

describe('GroupCommit', () => {
  it('puts the next group while one commits, answers each only after its own commit', async () => {
    const ledger = new SlowLedger();
    const first = ledger.send('general');
    await turns();
    assert.deepEqual([ledger.puts.length, ledger.commits.length], [2, 1]);
    const second = ledger.send('general');
    await turns();
    // Put already, but its commit waits for the one before it.
    assert.deepEqual([ledger.puts.length, ledger.commits.length], [4, 1]);
    const third = ledger.send('general');
    await turns();
    assert.equal(ledger.puts.length, 4, 'a third group is on its way');
    assert.deepEqual([first.state, second.state, third.state], ['waiting', 'waiting', 'waiting']);
    ledger.commits[0]!();
    await turns();
    assert.deepEqual([first.state, second.state, third.state], ['answered', 'waiting', 'waiting']);
    ledger.commits[1]!();
    await turns();
    ledger.commits[2]!();
    await ledger.group.drained();
    assert.deepEqual([first.state, second.state, third.state], ['answered', 'answered', 'answered']);
  });

  it('fails alone when its objects cannot be put', async () => {
    const ledger = new SlowLedger();
    const first = ledger.send('general');
    await turns();
    ledger.refusePuts = true;
    const second = ledger.send('general');
    await turns();
    assert.deepEqual([first.state, second.state], ['waiting', 'failed']);
    ledger.commits[0]!();
    await ledger.group.drained();
    assert.equal(first.state, 'answered');
  });

  for (const [classes, kept] of [
    [['general', 'adult'], 'adult'],
    [['adult', 'child'], 'child'],
    [['gp', 'maternity', 'mental-health'], 'gp'],
  ] as const) {
    it(`keeps the original of ${classes.join(', ')} as long as ${kept}`, async () => {
      const ledger = new SlowLedger();
      ledger.send(...classes);
      await turns();
      ledger.commits[0]!();
      await ledger.group.drained();
      const folders = ledger.puts.map((key) => key.split('/')[1]).sort();
      assert.deepEqual(folders, [...classes, kept].sort());
    });
  }
});
