import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendBulk } from '../../../functions/cli/sending/bulk-sender';

describe('a bulk import that the lake does not start', () => {
  it('is told in the words of its OperationOutcome', async () => {
    const issue = [{ severity: 'error', code: 'throttled', diagnostics: 'You send faster than agreed.' }];
    const server = createServer((_, response) =>
      response.writeHead(429).end(JSON.stringify({ resourceType: 'OperationOutcome', issue })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const sending = sendBulk({ baseUrl, token: async () => 't' }, 'none.ndjson', () => undefined);
      await assert.rejects(sending, { message: /HTTP 429\)\. You send faster than agreed\.$/ });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
