import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KillableLake, type Life } from './killable-lake';
import { Senders } from './senders';
import { faultless, verdictOn } from './verdict';

const megabyte = 1024 * 1024;

/** A real disk of a few megabytes; undefined where this user may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'lake-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

describe('A disk that fails', function () {
  this.timeout(300_000);
  let disk: string | undefined;
  let lake: KillableLake;
  let life: Life;
  let senders: Senders;

  beforeEach(async function () {
    disk = smallDisk(96);
    if (disk === undefined) {
      process.stdout.write('      skipped: this user may not mount a file system (run as root)\n');
      this.skip();
    }
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(78 * megabyte));
    lake = await KillableLake.make(join(disk, 'data'));
    life = await lake.start('none');
    senders = new Senders(5);
  });
  afterEach(async () => {
    if (disk === undefined) return;
    life.kill();
    await life.over;
    // Lazily: a lake that a failed test left open holds files there.
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });

  /** Ends this life and looks in another one. */
  async function judge(): Promise<void> {
    life.kill();
    await life.over;
    const { faults, kept } = await verdictOn(lake.folder, senders);
    assert.deepEqual(faults, faultless);
    process.stdout.write(`      ${kept} versions kept, ${senders.turnedAway} answers that said come again\n`);
  }

  it('by being full turns senders away with 503, keeps all it acknowledged, and goes on when there is room', async () => {
    await senders.send(life, () => senders.turnedAway >= 100);
    assert.ok(!life.isOver(), 'the lake died of a full disk');
    const before = senders.acknowledged.length;
    assert.ok(before > 100);
    rmSync(join(disk!, 'ballast'));
    // A database whose sync failed takes nothing until it is started again; its operator starts it.
    life.kill();
    await life.over;
    life = await lake.start('none');
    await senders.send(life, () => senders.acknowledged.length >= before + 100);
    await judge();
  });

  it('by refusing writes turns senders away, keeps all it acknowledged, and goes on when it is mended', async () => {
    await senders.send(life, () => senders.acknowledged.length >= 100);
    const before = senders.acknowledged.length;
    // Over the same folders, empty and read-only: what a disk looks like that was remounted after an error.
    const landing = join(lake.folder, 'landing');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', landing]);
    try {
      await senders.send(life, () => senders.turnedAway + senders.surprises.length >= 100);
    } finally {
      execFileSync('umount', [landing]);
    }
    assert.ok(!life.isOver(), 'the lake died of a read-only folder');
    // Not its turn to say "come again": somebody must mend the folder first.
    assert.deepEqual(new Set(senders.surprises.splice(0)), new Set([500]));
    await senders.send(life, () => senders.acknowledged.length >= before + 100);
    await judge();
  });
});
