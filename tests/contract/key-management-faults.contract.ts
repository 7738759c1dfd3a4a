import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { isLakeError } from '../../adapters/ports/errors';
import type { KeyManagement } from '../../adapters/ports/key-management';
import { type Fault, FaultProxy } from '../support/fault-proxy';

export interface KeyFaultHarness {
  readonly server: URL;
  /** The keys `data`, `public`, `signing` and `macs` at this origin; an answer may take so many milliseconds. */
  readonly openAt: (origin: string, answerTimeout: number) => KeyManagement;
  /** Whether this request is the one that makes a rotation true. */
  readonly rotates: (request: IncomingMessage) => boolean;
  /** How this service says that the credentials are no longer good. */
  readonly expired: Extract<Fault, { kind: 'answer' }>;
  readonly stop: () => Promise<void>;
}

const answerTimeout = 400;
const pass: Fault = { kind: 'pass' };

/** What a network may do to an adapter of key management: no wrong key, no second version, time bounded. */
export function keyManagementFaultsContract(name: string, start: () => Promise<KeyFaultHarness>): void {
  describe(`KeyManagement: ${name}`, () => {
    describe('behind a bad network', function () {
      this.timeout(60_000);
      let harness: KeyFaultHarness;
      let proxy: FaultProxy;
      let keys: KeyManagement;
      let honest: KeyManagement;
      before(async () => {
        harness = await start();
        proxy = new FaultProxy(harness.server);
        keys = harness.openAt(await proxy.listen(), answerTimeout);
        honest = harness.openAt(harness.server.origin, 10_000);
      });
      after(async () => {
        await proxy.close();
        await harness.stop();
      });
      const context = { zone: 'landing' };
      const busy = (status: number): Fault => ({ kind: 'answer', status, headers: { 'retry-after': '1' } });

      for (const [what, fault] of [
        ['a reset before the server saw it', { kind: 'reset' }],
        ['a reset in the middle of the body', { kind: 'resetMidRequest' }],
        ['a lost answer', { kind: 'answerLost' }],
        ['a truncated answer', { kind: 'truncated' }],
        ['an answer that stalls', { kind: 'stalled' }],
        ['no answer in time', { kind: 'silent' }],
        ['a 503 with Retry-After', busy(503)],
        ['a 429 with Retry-After', busy(429)],
        ['a slow answer', { kind: 'pass', delay: 150 }],
      ] as const satisfies readonly (readonly [string, Fault])[]) {
        it(`wraps, opens, signs and MACs in spite of ${what}`, async () => {
          const spoiled = async <Result>(call: () => Promise<Result>): Promise<Result> => {
            // A reset in the middle of a body needs a body.
            let struck = false;
            proxy.plan = (_, { method }) => {
              if (struck || (fault.kind === 'resetMidRequest' && method === 'GET')) return pass;
              struck = true;
              return fault;
            };
            const result = await call();
            assert.ok(struck);
            return result;
          };
          const { plaintext, encrypted } = await spoiled(() => keys.generateDataKey('data', context));
          assert.deepEqual(Buffer.from(await honest.unwrap('data', encrypted, context)), Buffer.from(plaintext));
          assert.deepEqual(
            Buffer.from(await spoiled(() => keys.unwrap('data', encrypted, context))),
            Buffer.from(plaintext),
          );
          const bytes = Buffer.from('checkpoint');
          assert.equal((await spoiled(() => keys.sign('signing', bytes))).bytes.length, 96);
          assert.deepEqual(
            Buffer.from(await spoiled(() => keys.mac('macs', bytes))),
            Buffer.from(await honest.mac('macs', bytes)),
          );
        });
      }

      it('a rotation whose answer is lost was done once, and says that it is not known', async () => {
        const { version } = await honest.publicKey('signing');
        proxy.plan = (_, request) => (harness.rotates(request) ? { kind: 'answerLost' } : pass);
        await assert.rejects(keys.rotate('signing'), (error) => isLakeError(error, 'Unavailable'));
        assert.equal((await honest.publicKey('signing')).version, version + 1);
      });

      it('a service that never answers is Unavailable within a bounded time', async () => {
        proxy.plan = () => ({ kind: 'silent' });
        const begin = performance.now();
        await assert.rejects(keys.generateDataKey('data', context), (error) => isLakeError(error, 'Unavailable'));
        assert.ok(performance.now() - begin < 60 * answerTimeout);
      });

      it('expired credentials are PermissionDenied, and the service is not asked again and again', async () => {
        proxy.plan = () => harness.expired;
        await assert.rejects(keys.generateDataKey('data', context), (error) => isLakeError(error, 'PermissionDenied'));
        assert.ok(proxy.requests <= 2, `${proxy.requests} requests`);
        proxy.plan = () => pass;
        await keys.generateDataKey('data', context);
      });
    });
  });
}
