import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileSystem, toLakeError } from '../../../adapters/local/file-errors';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { isLakeError, type LakeErrorCode } from '../../../adapters/ports/errors';

const errno = (code: string) => Object.assign(new Error(`${code}: /private/path`), { code });

/** The real file system with one call that fails from its `nth` use on. */
function failing(call: string, code: string, nth = 1): FileSystem {
  let uses = 0;
  const fails = (name: string) => name === call && ++uses >= nth;
  const handleOf = (handle: nodeFiles.FileHandle) =>
    new Proxy(handle, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...values: unknown[]) => {
          if (fails(`handle.${String(name)}`)) return Promise.reject(errno(code));
          return value.apply(target, values);
        };
      },
    });
  return new Proxy(nodeFiles, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...values: unknown[]) => {
        if (fails(String(name))) throw errno(code);
        const result: unknown = await value.apply(target, values);
        return name === 'open' ? handleOf(result as nodeFiles.FileHandle) : result;
      };
    },
  });
}

describe('file faults', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lake-faults-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const filesUnder = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());

  for (const [call, code, expected] of [
    ['open', 'EACCES', 'PermissionDenied'],
    ['open', 'EROFS', 'PermissionDenied'],
    ['open', 'EMFILE', 'Unavailable'],
    ['mkdir', 'EACCES', 'PermissionDenied'],
    ['mkdir', 'ENOSPC', 'Unavailable'],
    ['handle.writeFile', 'ENOSPC', 'Unavailable'],
    ['handle.writeFile', 'EDQUOT', 'Unavailable'],
    ['handle.writeFile', 'EIO', 'Unavailable'],
    ['handle.sync', 'EIO', 'Unavailable'],
    ['handle.stat', 'EIO', 'Unavailable'],
    ['link', 'ENOSPC', 'Unavailable'],
    ['link', 'EPERM', 'PermissionDenied'],
    ['rename', 'ENOSPC', 'Unavailable'],
  ] as const) {
    it(`${call} answers ${code}: ${expected}, the object before is whole, nothing half is left, a repeat succeeds`, async () => {
      const sound = new FileObjectStore(root);
      await sound.put('zone/kept', Buffer.from('before'), { metadata: { lines: '1' } });
      const metadata = { lines: '2' };
      const put = (store: FileObjectStore) => store.put('zone/kept', Buffer.from('after'), { metadata });
      const create = (store: FileObjectStore) => store.putIfAbsent('zone/new/key', Buffer.from('new'), { metadata });
      const attempts = call === 'link' ? [create] : call === 'rename' ? [put] : [create, put];
      for (const attempt of attempts) {
        await assert.rejects(attempt(new FileObjectStore(root, failing(call, code))), (error) => {
          assert.ok(isLakeError(error, expected), String(error));
          assert.doesNotMatch(error.message, /private|zone|kept/);
          return true;
        });
      }
      assert.equal(Buffer.from(await sound.read('zone/kept')).toString(), 'before');
      assert.deepEqual((await sound.head('zone/kept')).metadata, { lines: '1' });
      await assert.rejects(sound.head('zone/new/key'), (error) => isLakeError(error, 'NotFound'));
      // The object and its metadata: no temporary file, no side file of an object that never was.
      assert.equal(filesUnder(root).length, 2);
      await create(sound);
      await put(sound);
      assert.equal(filesUnder(root).length, 4);
    });
  }

  it('whichever sync fails, the put says so; the object is there whole with its metadata, or not at all', async () => {
    const seen = new Set<string>();
    const metadata = { lines: '1' };
    for (let nth = 1; nth <= 14; nth++) {
      const key = `zone/unsure-${nth}`;
      const sound = new FileObjectStore(root);
      const store = new FileObjectStore(root, failing('handle.sync', 'EIO', nth));
      const failed = await store.putIfAbsent(key, Buffer.from('x'), { metadata }).then(
        () => 'stored',
        (error) => (isLakeError(error, 'Unavailable') ? 'unsure' : String(error)),
      );
      const repeated = await sound.putIfAbsent(key, Buffer.from('x'), { metadata }).then(
        () => 'absent',
        (error) => (isLakeError(error, 'AlreadyExists') ? 'there' : String(error)),
      );
      seen.add(`${failed}, ${repeated}`);
      assert.equal(Buffer.from(await sound.read(key)).toString(), 'x');
      assert.deepEqual((await sound.head(key)).metadata, metadata);
    }
    assert.deepEqual([...seen].toSorted(), ['stored, there', 'unsure, absent', 'unsure, there']);
  });

  it('a file cut while it is read is Unavailable, never a short body', async () => {
    const store = new FileObjectStore(root);
    await store.put('cut', Buffer.alloc(600_000, 'x'));
    const read = async () => {
      for await (const _ of store.stream('cut')) await nodeFiles.truncate(store.localPath('cut'), 10);
    };
    await assert.rejects(read(), (error) => isLakeError(error, 'Unavailable'));
  });

  it('temporary files of a dead process go after an hour, younger ones stay', async () => {
    const store = new FileObjectStore(root);
    await store.put('a', Buffer.from('x'));
    const temporary = join(root, '.store', 'temporary');
    for (const [name, hours] of [
      ['old', 2],
      ['young', 0.5],
    ] as const) {
      writeFileSync(join(temporary, name), 'half');
      const then = new Date(Date.now() - hours * 3_600_000);
      await nodeFiles.utimes(join(temporary, name), then, then);
    }
    await new FileObjectStore(root).put('b', Buffer.from('x'));
    for (let wait = 0; wait < 100 && readdirSync(temporary).length > 1; wait++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(readdirSync(temporary), ['young']);
  });

  it('every errno has a code of the port, and an unknown one is Unknown', () => {
    const expected: Record<string, LakeErrorCode> = {
      ENOENT: 'NotFound',
      ENOTDIR: 'NotFound',
      EISDIR: 'NotFound',
      EEXIST: 'AlreadyExists',
      EACCES: 'PermissionDenied',
      EPERM: 'PermissionDenied',
      EROFS: 'PermissionDenied',
      ENOSPC: 'Unavailable',
      EDQUOT: 'Unavailable',
      EFBIG: 'Unavailable',
      EMFILE: 'Unavailable',
      ENFILE: 'Unavailable',
      EIO: 'Unavailable',
      EBUSY: 'Unavailable',
      ETIMEDOUT: 'Unavailable',
      ESTALE: 'Unavailable',
      ENAMETOOLONG: 'InvalidArgument',
      EINVAL: 'InvalidArgument',
      EXDEV: 'Unknown',
    };
    for (const [code, mapped] of Object.entries(expected)) assert.equal(toLakeError(errno(code)).code, mapped, code);
    assert.equal(toLakeError('no error at all').code, 'Unknown');
  });

  it('a state database whose disk is full says so, loses nothing it had answered, and goes on when there is room', () => {
    // The real limit of a process on file sizes stands for the full disk (POSIX RLIMIT_FSIZE; in KiB).
    const script = join(root, 'fill.ts');
    const adapters = join(__dirname, '..', '..', '..', 'adapters');
    writeFileSync(
      script,
      `import { SqliteStateDatabase } from ${JSON.stringify(join(adapters, 'local', 'sqlite-state-database'))};
       void (async () => {
         const database = new SqliteStateDatabase(${JSON.stringify(join(root, 'state.sqlite'))});
         await database.migrate([{ id: 'fill-0001-t', statements: ['CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, filler BLOB)'] }]);
         const outcomes: string[] = [];
         const add = (n: number) =>
           database.transaction((t) => t.run('INSERT INTO t (n, filler) VALUES (?, ?)', [n, new Uint8Array(20_000)])).then(
             () => outcomes.push('ok ' + n),
             (error) => outcomes.push(error.code),
           );
         for (let n = 0; n < 60; n++) await add(n + Number(process.argv[2]));
         const rows = await database.snapshot((t) => t.query('SELECT n FROM t ORDER BY n'));
         console.log(JSON.stringify({ outcomes, rows: rows.map((row) => row.n) }));
         await database.close();
       })();`,
    );
    appendFileSync(join(root, 'run.sh'), 'ulimit -f "$1"; exec "$2" -r ./functions/cli/typescript.js "$3" "$4"\n');
    const run = (limit: string, from: number) => {
      const output = execFileSync('bash', [join(root, 'run.sh'), limit, process.execPath, script, `${from}`], {
        cwd: join(adapters, '..'),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return JSON.parse(output.toString()) as { outcomes: string[]; rows: number[] };
    };
    const full = run('400', 0);
    const stored = full.outcomes.flatMap((outcome) => (outcome.startsWith('ok ') ? [Number(outcome.slice(3))] : []));
    assert.ok(stored.length > 0 && full.outcomes.includes('Unavailable'), full.outcomes.join());
    assert.ok(full.outcomes.every((outcome) => outcome.startsWith('ok ') || outcome === 'Unavailable'));
    assert.deepEqual(full.rows, stored);
    const after = run('unlimited', 1000);
    assert.equal(after.outcomes.filter((outcome) => outcome.startsWith('ok ')).length, 60);
    assert.deepEqual(after.rows.slice(0, stored.length), stored);
  });
});
