import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { GoldenSender } from '../contract/golden-sender';
import type { PulumiStack } from '../support/pulumi-stack';
import { type ClusterLake, zoneOf } from './cluster-lake';
import type { Site } from './site';

interface Here {
  readonly site: Site;
  readonly stack: PulumiStack;
  readonly lake: ClusterLake;
}

const atOnce = 4;

/** Some senders that write new Observations one after another until they are stopped. */
class Load {
  readonly acknowledged = new Set<string>();
  /** What came of a request at its first try that was not taken. */
  readonly failures: string[] = [];
  readonly #sender: GoldenSender;
  readonly #tries: number;
  readonly #running: Promise<unknown>;
  #sending = true;

  /** @param tries how often one request is sent until it is taken, always as the same */
  constructor(sender: GoldenSender, tries: number) {
    this.#sender = sender;
    this.#tries = tries;
    this.#running = Promise.all(Array.from({ length: atOnce }, () => this.#send()));
  }

  async stop(): Promise<void> {
    this.#sending = false;
    await this.#running;
  }

  async #send(): Promise<void> {
    while (this.#sending) {
      const id = randomUUID();
      const body = {
        resourceType: 'Observation',
        id,
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        subject: { reference: 'Patient/nobody' },
      };
      for (let attempt = 0; attempt < this.#tries; attempt += 1) {
        const outcome = await this.#put(id, body);
        if (outcome === 'taken') this.acknowledged.add(id);
        else if (attempt === 0) this.failures.push(outcome);
        if (!this.#sending || !/^no answer|^5|^429/.test(outcome)) break;
        await pause(250);
      }
    }
  }

  async #put(id: string, body: object): Promise<string> {
    try {
      const answer = await this.#sender.request('PUT', `/Observation/${id}`, body, { 'x-request-id': id });
      const text = await answer.text();
      return answer.ok ? 'taken' : `${answer.status} ${text.slice(0, 200)}`;
    } catch (error) {
      return `no answer: ${String((error as { cause?: { code?: string } }).cause?.code)}`;
    }
  }
}

async function until(what: string, is: () => boolean): Promise<void> {
  for (let wait = 0; !is(); wait += 1) {
    assert.ok(wait < 400, `not seen: ${what}`);
    await pause(1000);
  }
}

/** A revision rolled out and pods killed while senders write. */
export function badHour(here: () => Here): void {
  describe('in a bad hour', () => {
    let site: Site;
    let stack: PulumiStack;
    let lake: ClusterLake;
    before(() => {
      ({ site, stack, lake } = here());
    });
    after(() => lake?.stop());

    const senderOf = async (ods: string): Promise<GoldenSender> => {
      const sender = new GoldenSender(lake, await lake.register(ods, ['system/*.cu']));
      // A token is had, and a pod awake, before anything happens; both outlive it.
      for (let attempt = 0; (await sender.request('HEAD', '/Observation/none')).status !== 404; attempt += 1) {
        assert.ok(attempt < 60, 'the ingestion API did not wake');
        await pause(1000);
      }
      return sender;
    };
    const podsOf = (selector: string): readonly string[] =>
      site
        .json<{ items: { metadata: { name: string } }[] }>('get', 'pods', '-n', zoneOf('lake'), '-l', selector)
        .items.map(({ metadata }) => metadata.name);
    const arrived = async (ods: string): Promise<number> => {
      await lake.settle();
      const [row] = await lake.rows(
        `SELECT count(DISTINCT id)::INTEGER AS n FROM curated.observation WHERE provider = '${ods}'`,
      );
      return Number(row?.n);
    };

    it('loses nothing it acknowledged while a revision is rolled out', async () => {
      const revision = () =>
        site.json<{ status: { latestReadyRevisionName: string } }>(
          ...['get', 'services.serving.knative.dev', '-n', zoneOf('lake'), 'ingest'],
        ).status.latestReadyRevisionName;
      const load = new Load(await senderOf('RROLL'), 20);
      try {
        const before = revision();
        await stack.set('requestsPerMinute', '90000');
        await stack.up();
        // `up` may end before Knative has seen the change: then the service is still as ready as it was.
        await until('the new revision is ready', () => revision() !== before);
        // The pods before have answered what they had begun, and are gone.
        const old = `serving.knative.dev/revision=${before}`;
        await until('the revision before has ended', () => podsOf(old).length === 0);
      } finally {
        await load.stop();
      }
      assert.ok(load.acknowledged.size > 0);
      const there = await arrived('RROLL');
      console.log(
        `      ${load.acknowledged.size} acknowledged, ${load.failures.length} of them sent again; ${there} are there`,
        [...new Set(load.failures)],
      );
      assert.ok(there >= load.acknowledged.size);
    });

    it('loses nothing it acknowledged while pods are killed', async function () {
      const kills = Number(process.env.LAKE_POD_KILLS ?? 10);
      this.timeout(600_000 + kills * 60_000);
      const load = new Load(await senderOf('RKILL'), 20);
      try {
        for (let kill = 0; kill < kills; ) {
          // In the middle of work: a busy machine may take long to bring the next pod.
          const before = load.acknowledged.size;
          await until('writes are taken between two kills', () => load.acknowledged.size > before);
          const pods = podsOf('serving.knative.dev/service in (ingest,provider-access)');
          const victim = pods[kill % Math.max(pods.length, 1)];
          if (victim === undefined) continue;
          site.kubectl(
            ...['delete', 'pod', '-n', zoneOf('lake'), victim, '--grace-period=0', '--force', '--wait=false'],
          );
          kill += 1;
        }
      } finally {
        await load.stop();
      }
      assert.ok(load.acknowledged.size > kills, `${load.acknowledged.size} were acknowledged`);
      const there = await arrived('RKILL');
      console.log(`      ${load.acknowledged.size} acknowledged while ${kills} pods were killed; ${there} are there`);
      assert.ok(there >= load.acknowledged.size);
      assert.ok(await lake.auditVerifies());
    });
  });
}
