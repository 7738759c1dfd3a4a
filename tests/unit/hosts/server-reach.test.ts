import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FunctionBinding } from '../../../adapters/bindings';
import { ServerReach, serversOf } from '../../../functions/hosts/knative/server-reach';

const until = async (holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + 5000;
  while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds());
};

describe('The servers of a function', () => {
  it('are those its binding leads to, each once', () => {
    const database = { database: 'lake', user: 'lake_ingest', passwordFile: '/secret' };
    const binding: FunctionBinding = {
      landing: { kind: 's3', bucket: 'a', region: 'eu-west-2', endpoint: 'http://store:7070' },
      identity: { kind: 's3', bucket: 'b', region: 'eu-west-2', endpoint: 'http://store:7070' },
      ledger: { kind: 'postgres', host: 'db.example', port: 5432, ...database },
      key: { kind: 'openbao', address: 'https://bao.example', mount: 'lake' },
      events: { kind: 'cloudevents', sink: 'http://sink.example/topic' },
      query: { kind: 'duckdb', spoolFolder: '/spool' },
      local: { kind: 'sqlite', file: '/file' },
    };
    assert.deepEqual(serversOf(binding), [
      { host: 'store', port: 7070 },
      { host: 'db.example', port: 5432 },
      { host: 'bao.example', port: 443 },
      { host: 'sink.example', port: 80 },
    ]);
  });

  it('are waited for: a function is not ready before each has taken a connection', async () => {
    const failures: unknown[] = [];
    const first = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    const second = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await Promise.all([once(first, 'listening'), once(second, 'listening')]);
    const portOf = (server: typeof first): number => (server.address() as { port: number }).port;
    const [there, away] = [first, second].map((server) => ({ host: '127.0.0.1', port: portOf(server) }));
    second.close();
    await once(second, 'close');
    try {
      const reach = new ServerReach([there!, away!], (error) => failures.push(error));
      await once(first, 'connection');
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(reach.isOver, false);
      second.listen(away!.port, '127.0.0.1');
      await reach.over;
      assert.equal(reach.isOver, true);
      assert.deepEqual(failures, []);
    } finally {
      first.close();
      second.close();
    }
  });

  it('are not waited for without end, and their absence is told without their addresses', async () => {
    const failures: unknown[] = [];
    const reach = new ServerReach([{ host: '127.0.0.1', port: 1 }], (error) => failures.push(error), 20);
    await until(() => reach.isOver);
    await until(() => failures.length === 1);
    assert.match(String(failures[0]), /network policies/);
    assert.doesNotMatch(String(failures[0]), /127/);
  });
});
