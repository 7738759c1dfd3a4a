import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lakeFolder } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { LocalTransfer } from '../../functions/hosts/local/local-transfer';
import { RunningLake, type Sender } from '../support/running-lake';
import { sendSimulated } from '../support/simulated-lake';

const passphrase = 'correct horse battery staple';
const observation = (id: string, status = 'final') => ({
  resourceType: 'Observation',
  id,
  status,
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
});

describe('export and import', function () {
  this.timeout(120_000);
  const work = mkdtempSync(join(tmpdir(), 'lake-transfer-'));
  const out = join(work, 'export');
  const requestId = randomUUID();
  let first: RunningLake;
  let gp: Sender;

  before(async () => {
    first = await RunningLake.start();
    await sendSimulated(first, 3, 9);
    gp = await first.provider('A81001');
    await gp.request('PUT', '/Observation/o1', observation('o1'), { 'x-request-id': requestId });
    const held = { ...observation('o2'), modifierExtension: [{ url: 'https://example.nhs.uk/x', valueCode: 'a' }] };
    assert.equal((await gp.request('PUT', '/Observation/o2', held)).status, 202);
    await first.operator.curate();
    await first.operator.buildMarts([]);
    await first.operator.exportLake(out, passphrase);
  });
  after(async () => {
    await first.remove();
    rmSync(work, { recursive: true, force: true });
  });

  const importInto = async (
    name: string,
    from = out,
    { secret }: { readonly secret?: string } = { secret: passphrase },
  ): Promise<string> => {
    const folder = join(work, name);
    const parts = new LakeParts(lakeFolder(folder));
    try {
      await new LocalTransfer(parts).import(from, secret);
    } finally {
      await parts.close();
    }
    return folder;
  };
  const refused = async (name: string, change: (copy: string) => void, expected: RegExp): Promise<void> => {
    const copy = join(work, `${name}-export`);
    cpSync(out, copy, { recursive: true });
    change(copy);
    await assert.rejects(importInto(name, copy), expected);
    assert.ok(!existsSync(join(work, name)), 'something was written before all was verified');
  };

  it('goes on in the new lake as if nothing had happened', async () => {
    const before = await first.operator.sql('SELECT count(*)::INTEGER AS n FROM curated.observation');
    const folder = await importInto('second');
    // The credentials of providers are their own: they stay where they were, and work.
    cpSync(first.folder.credentials, join(folder, 'credentials'), { recursive: true });
    const second = await RunningLake.start(folder);
    try {
      const sender = second.sender('A81001');
      const again = await sender.request('PUT', '/Observation/o1', observation('o1'), { 'x-request-id': requestId });
      // Another address is another token audience, but the ledger knows the request.
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.equal((await sender.request('HEAD', '/Observation/o1')).headers.get('etag'), 'W/"1"');
      const update = await sender.request('PUT', '/Observation/o1', observation('o1', 'amended'), {
        'if-match': 'W/"1"',
      });
      assert.equal(update.headers.get('etag'), 'W/"2"');
      assert.equal((await second.operator.heldMessages()).length, 1);
      assert.deepEqual(
        (await second.operator.sql('SELECT count(*)::INTEGER AS n FROM curated.observation')).rows,
        before.rows,
      );
      await second.operator.curate();
      await second.operator.buildMarts([]);
      assert.equal((await second.operator.verifyAudit()).ok, true);
      assert.deepEqual(second.failures, []);
    } finally {
      await second.halt();
    }
  });

  it('keeps every object byte for byte', async () => {
    const folder = lakeFolder(await importInto('third'));
    const parts = new LakeParts(folder);
    const copy = join(work, 'copy');
    const transfer = new LocalTransfer(parts);
    await transfer.exportRest(copy, await transfer.exportState(copy), undefined);
    await parts.close();
    const sums = (place: string): readonly string[] =>
      readFileSync(join(place, 'SHA256SUMS'), 'utf8')
        .split('\n')
        // How the file store keeps metadata beside objects is its own matter.
        .filter((line) => / {2}(zones|state)\//.test(line) && !line.includes('/.store/'));
    assert.ok(sums(out).length > 50);
    assert.deepEqual(sums(copy), sums(out));
  });

  it('refuses a copy that was changed, and writes nothing', async () => {
    const anyObject = (copy: string): string => {
      const entries = readdirSync(join(copy, 'zones', 'landing'), { recursive: true, withFileTypes: true });
      const file = entries.find((entry) => entry.isFile())!;
      return join(file.parentPath, file.name);
    };
    const flip = (file: string): void => {
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1;
      writeFileSync(file, bytes);
    };
    await refused('flipped', (copy) => flip(anyObject(copy)), /differ/);
    await refused('state', (copy) => appendFileSync(join(copy, 'state', 'lake', 'version.ndjson'), '{}\n'), /differ/);
    await refused('missing', (copy) => unlinkSync(anyObject(copy)), /missing/);
    await refused('added', (copy) => writeFileSync(join(copy, 'zones', 'more'), 'x'), /differ/);
    await refused('no-sums', (copy) => unlinkSync(join(copy, 'SHA256SUMS')), /no complete export/);
  });

  it('opens the keys under their passphrase alone, and never into another place', async () => {
    await assert.rejects(importInto('wrong', out, { secret: 'another passphrase' }), /do not open/);
    await assert.rejects(importInto('none', out, {}), /passphrase-file/);
    const text = readFileSync(join(out, 'keys.sealed.json'), 'utf8');
    for (const file of readdirSync(first.folder.keys.lake)) {
      const key = readFileSync(join(first.folder.keys.lake, file)).toString('base64').slice(20, 60);
      assert.ok(!text.includes(key));
    }
  });

  it('does not write over a lake, nor over an export', async () => {
    const folder = await importInto('fourth');
    await assert.rejects(importInto('fourth'), /There is a lake in this folder/);
    await assert.rejects(first.operator.exportLake(out, passphrase), /not empty/);
    assert.ok(readdirSync(folder).length > 3);
  });
});
