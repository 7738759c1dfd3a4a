import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { goldenRequests, withoutRequestId } from '../contract/golden-requests';
import { GoldenSender } from '../contract/golden-sender';
import { hostContract } from '../contract/host.contract';
import { KnativeLake } from '../support/knative-lake';
import { pulumiEnvironment } from '../support/machine-tools';
import { PulumiStack } from '../support/pulumi-stack';
import { volumeHome } from '../support/volume-home';
import { badHour } from './bad-hour';
import { type ClusterLake, clusterLake, zoneOf } from './cluster-lake';
import { egressProbes } from './egress-probes';
import { keyRotation } from './key-rotation';
import { publishedSchemas } from './published-schemas';
import { retentionRun } from './retention-run';
import { scheduledWork } from './scheduled-work';
import { sealedAudit } from './sealed-audit';
import { serverGuard } from './server-guard';
import { kubectlFolder, missingForCluster, Site } from './site';
import { stackOperators } from './stack-operators';

const environment = pulumiEnvironment();
const missing = environment === undefined ? 'the Pulumi engine' : missingForCluster();

describe('The dev stack on a real cluster', function () {
  this.timeout(600_000);
  let site: Site;
  let stack: PulumiStack;
  let outputs: Readonly<Record<string, unknown>>;
  const lake = (): ClusterLake => clusterLake(site, outputs);

  before(async function () {
    if (missing !== undefined) {
      console.log(`      skipped: ${missing} is not on this machine`);
      this.skip();
    }
    site = await Site.start();
    stack = await PulumiStack.create(
      'cluster',
      {
        ...environment,
        PATH: `${kubectlFolder}:${environment?.PATH}`,
        KUBECONFIG: site.kubeconfig,
        PULUMI_STUB_KUBERNETES: 'live',
        // As the genuine provider where the development provider is kinder.
        PULUMI_STUB_KUBERNETES_STRICT: 'on',
      },
      { settings: site.settings(), secret: `${randomUUID()}${randomUUID()}` },
    );
  });
  after(() => {
    stack?.remove();
    site?.stop();
  });

  describe('is deployed', () => {
    it('comes up, with every function ready', async () => {
      await stack.up();
      outputs = await stack.outputs();
      const { items } = site.json<{
        items: { metadata: { name: string }; status: { conditions: { type: string; status: string }[] } }[];
      }>(...['get', 'services.serving.knative.dev', '-A']);
      assert.ok(items.length >= 4);
      for (const { metadata, status } of items)
        assert.ok(
          status.conditions.every(({ type, status: is }) => type !== 'Ready' || is === 'True'),
          metadata.name,
        );
    });
  });

  describe('is deployed once', () => {
    it('has nothing to do the second time', async () => {
      assert.deepEqual(
        (await stack.plan()).map(({ op, urn }) => `${op} ${urn}`),
        [],
      );
    });
  });

  const cluster = hostContract('the lake behind Knative', async () => lake());
  const volume = hostContract('the same functions on one volume', async () => KnativeLake.start(await volumeHome()));

  describe('gives the answers that one machine gives', () => {
    for (const { name } of goldenRequests) {
      it(name, function () {
        // Envoy makes a request id for a request without one; the lake cannot tell it from the sender's.
        if (name === withoutRequestId) this.skip();
        const answer = (run: ReturnType<typeof cluster.run>) => run.exchanges.find((one) => one.name === name);
        assert.deepEqual(answer(cluster.run()), answer(volume.run()));
      });
    }
    it('and leaves the same behind', () => assert.deepEqual(cluster.run().effects, volume.run().effects));
  });

  scheduledWork(() => ({ site, lake: lake() }));
  sealedAudit(() => ({ site, lake: lake() }));
  stackOperators(() => ({ site, stack, lake: lake() }));
  retentionRun(() => ({ site, stack, lake: lake() }));
  keyRotation(() => ({ site, stack, lake: lake() }));

  describe('at rest', () => {
    it('sleeps while nothing happens, and the first write that wakes it is taken', async () => {
      const pods = (): number =>
        site.json<{ items: object[] }>('get', 'pods', '-n', zoneOf('lake'), '-l', 'serving.knative.dev/service=ingest')
          .items.length;
      for (let wait = 0; pods() > 0; wait += 1) {
        assert.ok(wait < 400, 'the ingestion API did not go to sleep');
        await pause(1000);
      }
      const host = lake();
      try {
        // Its token comes from another function, which stays awake or wakes as well.
        const sender = new GoldenSender(host, await host.register('RWAKE', ['system/*.cu']));
        const device = { resourceType: 'Device', id: 'first', status: 'active' };
        const begun = performance.now();
        const response = await sender.request('PUT', '/Device/first', device);
        assert.equal(response.status, 201, await response.text());
        console.log(`      token and first write in ${Math.round(performance.now() - begun)} ms`);
        assert.ok(pods() > 0);
      } finally {
        await host.stop();
      }
    });
  });

  egressProbes(() => site);
  serverGuard(() => site);
  publishedSchemas(() => site);
  badHour(() => ({ site, stack, lake: lake() }));

  describe('at its end', () => {
    it('leaves nothing behind when it is destroyed', async () => {
      site.kubectl('delete', 'networkpolicy', 'test-reader', '-n', zoneOf('stores'), '--ignore-not-found');
      site.kubectl('delete', 'networkpolicy', 'test-reader', '-n', zoneOf('keys'), '--ignore-not-found');
      await stack.destroy();
      const { items } = site.json<{ items: { metadata: { name: string } }[] }>('get', 'namespaces');
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('lake-')),
        [],
      );
    });
  });
});
