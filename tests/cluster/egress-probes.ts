import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { zoneOf } from './cluster-lake';
import { type ForeignHost, foreignHost } from './foreign-host';
import { expected, type Probe, probeFrom } from './probe-pod';
import { type ResearchNetwork, researchNetwork } from './research-network';
import type { Site } from './site';

const mayReach = (permission: string): Record<string, string> => ({ [`data-lake/may-reach-${permission}`]: 'yes' });

/** Live probes from inside the zones: declared paths work, before and after all others fail. */
export function egressProbes(siteOf: () => Site): void {
  describe('lets out what is declared and nothing else', () => {
    const site = siteOf;
    let foreign: ForeignHost;
    before(async () => {
      foreign = await foreignHost(site());
    });
    after(() => foreign?.stop());

    const store = () => site().clusterAddress(zoneOf('stores'), 'object-store');
    const bao = () => site().clusterAddress(zoneOf('keys'), 'openbao');
    const hostAt = () => site().stateDatabase.host;
    const declared = (): readonly Probe[] => [
      { name: 'names', kind: 'names', host: `object-store.${zoneOf('stores')}.svc.cluster.local` },
      { name: 'object store', kind: 'tcp', host: store(), port: 7070 },
      { name: 'keys', kind: 'tcp', host: bao(), port: 8200 },
      { name: 'state', kind: 'tcp', host: hostAt(), port: site().stateDatabase.port },
    ];
    const accounts = { lake: 'curate', identity: 'identity' } as const;
    const apiServer = (): Probe => ({
      name: 'API server by service',
      kind: 'tcp',
      host: site().clusterAddress('default', 'kubernetes'),
      port: 443,
    });
    /** Where policies hold: they shut the API server out, as what is probed shows. */
    const guarded = () => ({ resolver: site().clusterAddress(zoneOf('names'), 'resolver'), closed: apiServer() });
    const probe = (zone: keyof typeof accounts, labels: Readonly<Record<string, string>>, probes: readonly Probe[]) =>
      probeFrom(site(), { namespace: zoneOf(zone), account: accounts[zone], labels, ...guarded() }, probes);
    const all = { ...mayReach('objectstore'), ...mayReach('key'), ...mayReach('state') };
    /** There to be reached by whoever is let out. */
    const reachable = async (): Promise<readonly Probe[]> => [
      apiServer(),
      { name: 'API server by address', kind: 'tcp', host: hostAt().replace(/1$/, '2'), port: 6443 },
      { name: 'kubelet', kind: 'tcp', host: hostAt().replace(/1$/, '2'), port: 10_250 },
      { name: 'another port of the database host', kind: 'tcp', host: hostAt(), port: foreign.port },
      await foreign.upload('a foreign object store, with its keys'),
      { name: 'an outside name', kind: 'names', host: `a-label-that-tells-${randomUUID()}.example.org` },
      { name: 'another resolver', kind: 'udp', host: hostAt(), port: foreign.port },
      {
        name: 'the resolver of the cluster',
        kind: 'tcp',
        host: site().clusterAddress('kube-system', 'kube-dns'),
        port: 53,
      },
      {
        name: 'the autoscaler of Knative',
        kind: 'tcp',
        host: site().clusterAddress('knative-serving', 'autoscaler'),
        port: 8080,
      },
      {
        name: 'the webhook of Knative',
        kind: 'tcp',
        host: site().clusterAddress('knative-serving', 'webhook'),
        port: 443,
      },
    ];
    /** Not there on this cluster for anybody, so no probe of it can be shown to see. */
    const elsewhere = (): readonly Probe[] => [
      { name: 'metadata address', kind: 'tcp', host: '169.254.169.254', port: 80 },
      { name: 'the internet, TCP', kind: 'tcp', host: '192.0.2.1', port: 443 },
      { name: 'the internet, UDP', kind: 'udp', host: '192.0.2.1', port: 53 },
      { name: 'the internet, IPv6', kind: 'tcp', host: '2001:db8::1', port: 443 },
      { name: 'the object store past its port', kind: 'tcp', host: store(), port: 22 },
    ];
    /** A pod of the lake that always runs and listens. */
    const dispatcher = () =>
      site().json<{ items: { metadata: { name: string }; status: { podIP: string } }[] }>(
        ...['get', 'pods', '-n', zoneOf('lake'), '-l', 'app.kubernetes.io/name=dispatch'],
        '--field-selector=status.phase=Running',
      ).items[0]!;
    const forbidden = async (): Promise<readonly Probe[]> => [...(await reachable()), ...elsewhere()];
    const connected = (found: Readonly<Record<string, string>>): readonly string[] =>
      Object.entries(found)
        .filter(([, value]) => value === 'connected')
        .map(([name]) => name)
        .sort();
    const names = (probes: readonly Probe[]): readonly string[] => probes.map(({ name }) => name).sort();

    for (const zone of ['lake', 'identity'] as const) {
      it(`from ${zone}, with every permission: the declared paths work, ${15} others do not`, async () => {
        const before = probe(zone, all, expected(...declared()));
        assert.deepEqual(connected(before), names(declared()), JSON.stringify(before));
        const found = probe(zone, all, await forbidden());
        assert.equal(Object.keys(found).length, 15);
        assert.deepEqual(connected(found), [], JSON.stringify(found));
        assert.deepEqual(connected(probe(zone, all, expected(...declared()))), names(declared()));
      });

      it(`from ${zone}, without a permission: names alone`, () => {
        assert.deepEqual(connected(probe(zone, {}, declared())), ['names']);
      });
    }

    const told: string[] = [];
    it('the probes can see: from a namespace without policies they connect to whatever is there', async () => {
      const probes = [...(await reachable()), declared().find(({ name }) => name === 'state')!];
      told.push(...probes.filter(({ kind }) => kind === 'names').map(({ host }) => host));
      const found = probeFrom(site(), { namespace: 'site', account: 'default' }, expected(...probes));
      assert.deepEqual(connected(found), names(probes), JSON.stringify(found));
      // And the stores let nobody in from there.
      const refused = probeFrom(site(), { namespace: 'site', account: 'default', labels: all }, [
        { name: 'object store', kind: 'tcp', host: store(), port: 7070 },
      ]);
      assert.deepEqual(connected(refused), []);
    });

    it('lets nobody past the gateway: a pod that listens is reached from neither its own namespace nor another', () => {
      const namespace = zoneOf('lake');
      const { metadata, status } = dispatcher();
      // The API server, which stands beside the node, sees it listen.
      const ready = () =>
        site().kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${metadata.name}:8080/proxy/ready`);
      assert.equal(ready(), 'ready');
      const past: Probe = { name: 'past the gateway', kind: 'tcp', host: status.podIP, port: 8080 };
      for (const found of [
        probe('lake', all, [past]),
        probe('identity', all, [past]),
        probeFrom(site(), { namespace: 'site', account: 'default' }, [past]),
      ])
        assert.deepEqual(connected(found), []);
      assert.equal(ready(), 'ready');
    });

    describe('from the research environment', () => {
      let research: ResearchNetwork;
      before(async () => {
        research = await researchNetwork(site());
      });
      after(() => research?.remove());

      const probeThere = (pod: 'workspace' | 'engine', probes: readonly Probe[]) => {
        const { namespace, [pod]: one } = research;
        return probeFrom(site(), { namespace, ...one, ...guarded() }, probes);
      };
      const inside = (): readonly Probe[] => [
        { name: 'keys', kind: 'tcp', host: bao(), port: 8200 },
        { name: 'state', kind: 'tcp', host: hostAt(), port: site().stateDatabase.port },
        { name: 'curation', kind: 'tcp', host: research.functionsAddress, port: 80 },
        { name: 'a pod of the lake', kind: 'tcp', host: dispatcher().status.podIP, port: 8080 },
      ];
      const named: Probe = { name: 'names', kind: 'names', host: `object-store.${zoneOf('stores')}.svc.cluster.local` };
      const storeProbe = (): Probe => ({ name: 'object store', kind: 'tcp', host: store(), port: 7070 });
      const engineProbe = (): Probe => ({
        name: 'engine',
        kind: 'tcp',
        host: research.engineAddress,
        port: research.enginePort,
      });

      it('a workspace reaches the engine of its marts, and neither the store behind it nor 19 other places', async () => {
        const before = probeThere('workspace', expected(named, engineProbe()));
        assert.deepEqual(connected(before), ['engine', 'names'], JSON.stringify(before));
        const found = probeThere('workspace', [...(await forbidden()), ...inside(), storeProbe()]);
        assert.equal(Object.keys(found).length, 20);
        assert.deepEqual(connected(found), [], JSON.stringify(found));
        assert.deepEqual(connected(probeThere('workspace', expected(named, engineProbe()))), ['engine', 'names']);
      });

      it('its engine reaches the object store, and no other of 19 places', async () => {
        const before = probeThere('engine', expected(named, storeProbe()));
        assert.deepEqual(connected(before), ['names', 'object store'], JSON.stringify(before));
        const found = probeThere('engine', [...(await forbidden()), ...inside()]);
        assert.equal(Object.keys(found).length, 19);
        assert.deepEqual(connected(found), [], JSON.stringify(found));
        assert.deepEqual(connected(probeThere('engine', expected(named, storeProbe()))), ['names', 'object store']);
      });

      it('what is not the workspace reaches the engine from nowhere', () => {
        const stranger = probe('lake', {}, [engineProbe()]);
        assert.deepEqual(connected(stranger), []);
      });
    });

    describe('so that no label leaves', () => {
      it('with a name that is asked for: whoever serves the zones outside was asked by the probe that may alone', () => {
        const asked = foreign.asked().filter((name) => name.startsWith('a-label-that-tells-'));
        assert.deepEqual([...new Set(asked)], told);
      });
    });
  });
}
