import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore, PromisedUpload, SignedUpload } from '../../adapters/ports/object-store';

const body = 'one\ntwo\n';
export const promisedUpload: PromisedUpload = {
  size: Buffer.byteLength(body),
  sha256: createHash('sha256').update(body).digest('hex'),
  contentType: 'application/fhir+ndjson',
  seconds: 60,
};
const put = (url: string, headers: SignedUpload['headers'], text: string): Promise<Response> =>
  fetch(url, { method: 'PUT', headers, body: text });

/** What is promised of a signed upload; a store that signs none says so before any call. */
export function signedUploadContract(store: () => ObjectStore, declared: boolean): void {
  describe('a signed upload', () => {
    if (!declared) {
      it('refused as declared: Unsupported', async () => {
        await assert.rejects(store().signUpload('a', promisedUpload), (error) => isLakeError(error, 'Unsupported'));
      });
      return;
    }

    it('is put by somebody who has nothing but the address, once, as it was promised', async () => {
      const { url, headers, expires } = await store().signUpload('signed/once/upload', promisedUpload);
      assert.ok(expires.getTime() <= Date.now() + promisedUpload.seconds * 1000);
      assert.ok((await put(url, headers, body)).ok);
      assert.equal(Buffer.from(await store().read('signed/once/upload')).toString(), body);
      assert.equal((await put(url, headers, body)).status, 412);
    });

    const refusals: Readonly<Record<string, (upload: SignedUpload) => Promise<Response>>> = {
      'another body': ({ url, headers }) => put(url, headers, 'one\nTWO\n'),
      'a longer body': ({ url, headers }) => put(url, headers, `${body}more\n`),
      'another checksum': ({ url, headers }) =>
        put(url, { ...headers, 'x-amz-checksum-sha256': createHash('sha256').update('x').digest('base64') }, 'x'),
      'another type': ({ url, headers }) => put(url, { ...headers, 'content-type': 'text/html' }, body),
      'without its condition': ({ url, headers: { 'if-none-match': _, ...headers } }) => put(url, headers, body),
      'another key': ({ url, headers }) => put(url.replace('/upload?', '/another?'), headers, body),
      'a longer life': ({ url, headers }) => put(url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=900'), headers, body),
      reading: ({ url }) => fetch(url),
      deleting: ({ url }) => fetch(url, { method: 'DELETE' }),
    };
    for (const [name, attempt] of Object.entries(refusals))
      it(`is good for nothing else: ${name}`, async () => {
        const key = `signed/${name.replaceAll(' ', '-')}`;
        const { status } = await attempt(await store().signUpload(`${key}/upload`, promisedUpload));
        assert.ok(status >= 400 && status < 500, String(status));
        for await (const found of store().list(`${key}/`)) assert.fail(found.key);
      });

    it('ends', async () => {
      const { url, headers } = await store().signUpload('signed/late/upload', { ...promisedUpload, seconds: 1 });
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const { status } = await put(url, headers, body);
      assert.ok(status >= 400 && status < 500, String(status));
    });

    it('is not signed for more than one PUT takes, for longer than a quarter of an hour, or without a checksum', async () => {
      const changes: readonly Partial<PromisedUpload>[] = [
        { size: 0 },
        { size: 5 * 1024 ** 3 + 1 },
        { seconds: 901 },
        { sha256: 'MARKER' },
      ];
      for (const change of changes)
        await assert.rejects(
          store().signUpload('signed/x', { ...promisedUpload, ...change }),
          (error) => isLakeError(error, 'InvalidArgument') && !error.message.includes('MARKER'),
        );
    });
  });
}
