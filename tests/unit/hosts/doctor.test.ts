import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DoctorSettings, examine } from '../../../functions/hosts/local/doctor';
import { type LakeFolder, lakeFolder } from '../../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../../functions/hosts/local/lake-parts';
import { Operator } from '../../../functions/hosts/local/operator';
import { bringIdentityKeys } from '../../support/identity-keys';

describe('lake doctor', () => {
  let folder: LakeFolder;

  beforeEach(async () => {
    folder = lakeFolder(join(mkdtempSync(join(tmpdir(), 'lake-doctor-')), 'lake'));
    bringIdentityKeys(folder);
    const parts = new LakeParts(folder);
    await parts.prepare();
    await new Operator(parts).registerProvider({
      ods: 'A1B2C',
      name: 'A practice',
      scopes: ['system/*.cu'],
      nhsNumberPolicy: 'quarantine',
      keys: [],
    });
    await parts.close();
  });
  afterEach(() => rmSync(join(folder.root, '..'), { recursive: true, force: true }));

  const seen = async (changes: Partial<DoctorSettings> = {}) => {
    const now = new Date();
    const healthy = { folder, running: false, port: 0, nodeVersion: '24.1.0', now, freeBytes: 2 ** 40 };
    const findings = await examine({ ...healthy, ...changes });
    return findings.filter(({ result }) => result !== 'ok').map(({ check, result }) => `${result} ${check}`);
  };
  const run = (file: string, sql: string): void => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };

  it('finds nothing in a lake that is well', async () => assert.deepEqual(await seen(), []));

  it('says what to do about everything it finds', async () => {
    chmodSync(folder.root, 0o755);
    const findings = await examine({ folder, running: false, port: 0, nodeVersion: '20.0.0', now: new Date() });
    const bad = findings.filter(({ result }) => result !== 'ok');
    assert.ok(bad.length >= 2);
    for (const { mend } of bad) assert.match(mend, /\w{3,}/);
  });

  const cases: readonly [what: string, expected: string, break_: () => void, settings?: Partial<DoctorSettings>][] = [
    ['an old Node', 'problem node', () => undefined, { nodeVersion: '22.17.1' }],
    ['a full disk', 'problem disk', () => undefined, { freeBytes: 1000 }],
    ['a disk that fills', 'warning disk', () => undefined, { freeBytes: 2 ** 30 }],
    ['a folder open to others', 'problem folder', () => chmodSync(folder.root, 0o750)],
    [
      'a private key open to others',
      'problem secrets',
      () => chmodSync(join(folder.credentials, readdirSync(folder.credentials)[0]!), 0o640),
    ],
    ['a missing wrapped key', 'problem keys', () => run(folder.database.lake, 'DELETE FROM wrapped_key')],
    ['missing identity keys', 'problem keys', () => rmSync(folder.keys.identity, { recursive: true })],
    ['a lock whose process is gone', 'warning lock', () => writeFileSync(folder.lock, '999999999')],
    ['a lock nobody answers for', 'warning lock', () => writeFileSync(folder.lock, String(process.pid))],
    ['a damaged database', 'problem database lake', () => truncateSync(folder.database.lake, 6000)],
    [
      'unsealed audit while running',
      'problem audit lake',
      () => run(folder.database.lake, "UPDATE audit SET segment = NULL, recorded = '2020-01-01T00:00:00Z'"),
      { running: true },
    ],
    [
      'a clock that went back',
      'problem clock',
      () =>
        run(
          folder.database.lake,
          "INSERT INTO request (provider, request_id, digest, answer, notes, recorded) VALUES ('A', 'b', 'c', '[]', '[]', '2999-01-01T00:00:00.000Z')",
        ),
    ],
    ['no provider', 'warning providers', () => run(folder.database.lake, 'UPDATE provider SET disabled = 1')],
    [
      'a failed job',
      'warning jobs',
      () =>
        run(
          folder.database.lake,
          "INSERT INTO job_notice (id, run_id, job, code, message, created) VALUES ('a', 'b', 'curate', 'Unknown', 'x', '2026-01-01T00:00:00Z')",
        ),
    ],
    [
      'an outbox that is not emptied',
      'problem outbox',
      () =>
        run(
          folder.database.lake,
          "INSERT INTO outbox (zone, object_key, provider, request_ids, recorded) VALUES ('landing', 'k', 'A', '[]', '2020-01-01T00:00:00.000Z')",
        ),
      { running: true },
    ],
    [
      'held messages',
      'warning quarantine',
      () => {
        mkdirSync(join(folder.zones.identity, 'quarantine', 'A1B2C'), { recursive: true });
        writeFileSync(join(folder.zones.identity, 'quarantine', 'A1B2C', 'x.json'), '');
      },
    ],
  ];
  for (const [what, expected, breakIt, settings] of cases) {
    it(`finds ${what}`, async () => {
      breakIt();
      const found = await seen(settings);
      assert.ok(found.includes(expected), found.join(', '));
    });
  }

  it('finds a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      assert.deepEqual(await seen({ port }), ['warning port']);
    } finally {
      server.close();
    }
  });
});
