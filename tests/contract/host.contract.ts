import assert from 'node:assert/strict';
import { type GoldenExchange, type GoldenHost, GoldenTranscript } from './golden-host';
import { goldenRequests, goldenSenders, withoutRequestId } from './golden-requests';

/** What a host did with the golden set: what senders were told, and what stands in the lake afterwards. */
export interface GoldenRun {
  readonly exchanges: readonly GoldenExchange[];
  readonly effects: unknown;
}

/**
 * Sends the golden set to a host, in order, each request a test; then reads what it left behind. Every host gives the same
 * run: see tests/e2e/hosts.test.ts.
 */
export function hostContract(name: string, start: () => Promise<GoldenHost>): { readonly run: () => GoldenRun } {
  let run: GoldenRun | undefined;
  describe(`${name} answers the golden requests`, function () {
    this.timeout(60_000);
    let host: GoldenHost;
    let transcript: GoldenTranscript;
    let senders: Awaited<ReturnType<typeof goldenSenders>>;

    before(async function () {
      this.timeout(180_000);
      host = await start();
      transcript = new GoldenTranscript(host);
      senders = await goldenSenders(host);
    });
    after(() => host?.stop());

    for (const { name: title, send, status, issue, body, challenge } of goldenRequests) {
      it(`${title}: ${status}`, async function () {
        if (title === withoutRequestId && host.gatewayMakesRequestIds) this.skip();
        const exchange = await transcript.add(title, await send(senders));
        assert.equal(exchange.status, status, exchange.body);
        if (issue !== undefined) {
          const outcome = JSON.parse(exchange.body) as { resourceType: string; issue: { code: string }[] };
          assert.equal(outcome.resourceType, 'OperationOutcome');
          assert.equal(outcome.issue[0]?.code, issue);
        }
        if (body !== undefined) assert.match(exchange.body, body);
        if (challenge !== undefined) assert.equal(exchange.headers['www-authenticate'], challenge);
      });
    }

    it('leaves the same resources, versions and links behind', async function () {
      // Functions that sleep are woken by what is dispatched to them, and dispatch repeats after pauses that grow.
      this.timeout(600_000);
      await host.settle();
      const counts = await host.rows(
        `SELECT type, provider, count(*)::INTEGER AS resources, max(version)::INTEGER AS newest
         FROM (SELECT 'Observation' AS type, * FROM curated.observation
               UNION ALL SELECT 'Patient', * FROM curated.patient
               UNION ALL SELECT 'Device', * FROM curated.device)
         GROUP BY ALL ORDER BY ALL`,
      );
      const links = await host.rows('SELECT count(*)::INTEGER AS links FROM curated.person_link');
      assert.ok(counts.length >= 4, 'the golden set stored resources of three types from three providers');
      assert.equal(Number(links[0]?.links), 1);
      assert.ok(await host.auditVerifies());
      run = { exchanges: transcript.exchanges, effects: { counts, links } };
    });
  });
  return {
    run: () => {
      assert.ok(run !== undefined, `${name} did not complete the golden set`);
      return run;
    },
  };
}
