import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openS3Store } from '../../../adapters/s3-compatible/open-s3-store';

/** Parses the form of `x-amz-date`: 20261121T101500Z. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

describe('S3ObjectStore on a machine whose clock is wrong', () => {
  const hour = 3_600_000;
  let signedAt: number[];
  const server = createServer((request, response) => {
    request.resume();
    const signed = timeOf(String(request.headers['x-amz-date']));
    signedAt.push(signed);
    // The service's clock is two hours ahead; it takes 15 minutes of difference, as S3 does.
    const now = Date.now() + 2 * hour;
    response.setHeader('date', new Date(now).toUTCString());
    if (Math.abs(signed - now) > hour / 4) {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>RequestTimeTooSkewed</Code><Message>x</Message></Error>');
    } else response.writeHead(200, { etag: '"1"' }).end();
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('signs again by the time of the service, and keeps to it', async () => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    signedAt = [];
    const store = openS3Store(
      { kind: 's3', bucket: 'bucket', region: 'eu-west-2', endpoint, forcePathStyle: true },
      { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    );
    await store.putIfAbsent('first', Buffer.from('x'));
    await store.putIfAbsent('second', Buffer.from('x'));
    assert.equal(signedAt.length, 3);
    assert.ok(signedAt[1]! - signedAt[0]! > 1.5 * hour);
  });
});
