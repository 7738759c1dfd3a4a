import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { openPostgresByToken } from '../../../adapters/postgres/open-postgres';

/** What a client asks first (PostgreSQL 15, "Message Formats", SSLRequest). */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

describe('a database that is logged in to by a token', () => {
  it('is told nothing when it does not speak TLS', async () => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('data', (bytes) => {
        heard.push(bytes);
        socket.write('N');
      });
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    let tokens = 0;
    const place = { kind: 'aurora-iam', host: '127.0.0.1', port, database: 'lake', user: 'lake_ingest' } as const;
    const database = openPostgresByToken(place, async () => `MARKER-${++tokens}`);
    try {
      await assert.rejects(
        database.snapshot((tx) => tx.query('SELECT 1')),
        { name: 'LakeError' },
      );
      assert.ok(heard.length > 0);
      // However often it tries, it asks for TLS and goes no further.
      for (const bytes of heard) assert.deepEqual(bytes, sslRequest);
    } finally {
      await database.close();
      server.close();
    }
  });
});
