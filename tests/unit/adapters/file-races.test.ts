import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from '../../../adapters/local/file-errors';
import { FileObjectStore } from '../../../adapters/local/file-object-store';

/**
 * The real file system, in which another process does something once, right after a call about a path that ends so. Several
 * processes share a folder, and each takes folders away that it has emptied.
 */
function withOther(
  call: 'mkdir' | 'unlink' | 'link',
  ending: string,
  act: (path: string) => Promise<unknown>,
): FileSystem {
  let done = false;
  return new Proxy(nodeFiles, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name !== call) return value;
      return async (...values: unknown[]) => {
        const result: unknown = await value.apply(target, values);
        const path = String(values[call === 'link' ? 1 : 0]);
        if (!done && path.endsWith(ending)) {
          done = true;
          await act(path);
        }
        return result;
      };
    },
  });
}

describe('a folder of objects that others take empty folders from', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lake-races-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const filesUnder = (folder: string): readonly string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  const gone = async (...folders: readonly string[]): Promise<void> => {
    for (const folder of folders) await nodeFiles.rmdir(folder);
  };

  it('takes a put whose folders a delete took away just after they were made', async () => {
    // `a` is there, `a/b` was made a moment ago: whoever deleted the last object of `a/b` climbs up and takes both.
    const files = withOther('mkdir', join(root, 'a', 'b'), (path) => gone(path, join(root, 'a')));
    const store = new FileObjectStore(root, files);
    await store.putIfAbsent('a/b/first', Buffer.from('x'), { metadata: { class: 'one' } });
    assert.equal((await store.read('a/b/first')).toString(), 'x');
    assert.equal((await store.head('a/b/first')).metadata.class, 'one');
  });

  it('takes a put whose object was deleted by somebody before its folder was synced', async () => {
    const files = withOther('link', 'first', async (path) => {
      await nodeFiles.unlink(path);
      await gone(join(root, 'a'));
    });
    assert.equal((await new FileObjectStore(root, files).putIfAbsent('a/first', Buffer.from('x'))).size, 1);
  });

  it('leaves no metadata of what it deletes when another takes the emptied folder first', async () => {
    await new FileObjectStore(root).putIfAbsent('a/first', Buffer.from('x'), { metadata: { class: 'one' } });
    const files = withOther('unlink', join('a', 'first'), () => gone(join(root, 'a')));
    await new FileObjectStore(root, files).delete('a/first');
    assert.deepEqual(filesUnder(root), []);
  });
});
