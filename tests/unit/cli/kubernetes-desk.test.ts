import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { askPod } from '../../../functions/cli/kubernetes-desk';
import { closeServer, listenOnLoopback } from '../../support/loopback-server';

/** Over a kubectl that makes a token and a connection as the real one tells of them. */
describe('Asking the pod that answers people', () => {
  const kept = process.env.PATH;
  let folder: string;
  let server: Server;
  let answer: string | undefined;
  let asked: string | undefined;

  before(async () => {
    server = createServer((request, response) => {
      asked = request.headers.authorization;
      if (answer === undefined) response.destroy();
      else response.end(answer);
    });
    const { port } = new URL(await listenOnLoopback(server));
    folder = mkdtempSync(join(tmpdir(), 'lake-desk-'));
    const kubectl = join(folder, 'kubectl');
    writeFileSync(
      kubectl,
      `#!/bin/sh\nif [ "$1" = create ]; then echo secret; else echo "Forwarding from 127.0.0.1:${port} -> 8080"; exec sleep 10; fi\n`,
    );
    chmodSync(kubectl, 0o755);
    process.env.PATH = `${folder}${delimiter}${kept}`;
  });
  after(async () => {
    process.env.PATH = kept;
    rmSync(folder, { recursive: true, force: true });
    await closeServer(server);
  });

  const ask = () =>
    askPod({ namespace: 'lake', pod: 'operator-0', audience: 'lake' }, 'lake', 'operator-ann', { method: 'status' });

  it('gives the answer, and brings the token of the person', async () => {
    answer = JSON.stringify({ result: 7 });
    assert.equal(await ask(), 7);
    assert.equal(asked, 'Bearer secret');
  });

  it('says what to do where the connection breaks off, and where something else answers', async () => {
    const unavailable = { code: 'Unavailable', message: /`lake jobs` shows what goes on; repeat later/ };
    answer = undefined;
    await assert.rejects(ask, unavailable);
    answer = '<html>';
    await assert.rejects(ask, unavailable);
  });
});
