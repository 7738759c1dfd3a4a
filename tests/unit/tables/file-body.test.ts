import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileBody } from '../../../functions/tables/file-body';

describe('fileBody', () => {
  it('gives the bytes, and fails nobody when its file goes unread', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-body-'));
    const failures: unknown[] = [];
    const heard = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const note = (error: unknown): void => void failures.push(error);
    process.on('uncaughtException', note);
    try {
      const file = join(folder, 'rows');
      writeFileSync(file, 'some rows');
      const parts: Uint8Array[] = [];
      for await (const part of fileBody(file)) parts.push(part);
      assert.equal(Buffer.concat(parts).toString(), 'some rows');
      fileBody(file);
      fileBody(join(folder, 'never there'));
      rmSync(folder, { recursive: true });
      await pause(20);
      assert.deepEqual(failures, []);
    } finally {
      process.off('uncaughtException', note);
      for (const one of heard) process.on('uncaughtException', one);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
