import assert from 'node:assert/strict';
import { zoneOf } from './cluster-lake';
import { type Probe, probeFrom } from './probe-pod';
import { type ResearchNetwork, researchNetwork } from './research-network';
import type { Site } from './site';

const mayReach = (permission: string): Record<string, string> => ({ [`data-lake/may-reach-${permission}`]: 'yes' });

/** Live probes from inside the zones: declared paths work, before and after all others fail. */
export function egressProbes(siteOf: () => Site): void {
  describe('lets out what is declared and nothing else', () => {
    const site = siteOf;
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
    const probe = (zone: keyof typeof accounts, labels: Readonly<Record<string, string>>, probes: readonly Probe[]) =>
      probeFrom(
        site(),
        zoneOf(zone),
        accounts[zone],
        labels,
        probes,
        site().clusterAddress(zoneOf('names'), 'resolver'),
      );
    const all = { ...mayReach('objectstore'), ...mayReach('key'), ...mayReach('state') };
    const forbidden = (): readonly Probe[] => [
      { name: 'API server by service', kind: 'tcp', host: site().clusterAddress('default', 'kubernetes'), port: 443 },
      { name: 'API server by address', kind: 'tcp', host: hostAt().replace(/1$/, '2'), port: 6443 },
      { name: 'kubelet', kind: 'tcp', host: hostAt().replace(/1$/, '2'), port: 10_250 },
      { name: 'another port of the database host', kind: 'tcp', host: hostAt(), port: 22 },
      { name: 'a foreign object store', kind: 'tcp', host: hostAt(), port: 15_060 },
      { name: 'an outside name', kind: 'names', host: 'a-label-that-tells.example.org' },
      {
        name: 'the resolver of the cluster',
        kind: 'tcp',
        host: site().clusterAddress('kube-system', 'kube-dns'),
        port: 53,
      },
      { name: 'metadata address', kind: 'tcp', host: '169.254.169.254', port: 80 },
      { name: 'the internet, TCP', kind: 'tcp', host: '192.0.2.1', port: 443 },
      { name: 'the internet, UDP', kind: 'udp', host: '192.0.2.1', port: 53 },
      { name: 'the internet, IPv6', kind: 'tcp', host: '2001:db8::1', port: 443 },
      { name: 'another resolver', kind: 'udp', host: hostAt(), port: 53 },
      {
        name: 'the control plane of Knative',
        kind: 'tcp',
        host: site().clusterAddress('knative-serving', 'controller'),
        port: 9090,
      },
      {
        name: 'the webhook of Knative',
        kind: 'tcp',
        host: site().clusterAddress('knative-serving', 'webhook'),
        port: 443,
      },
      { name: 'the object store past its port', kind: 'tcp', host: store(), port: 22 },
    ];
    const connected = (found: Readonly<Record<string, string>>): readonly string[] =>
      Object.entries(found)
        .filter(([, value]) => value === 'connected')
        .map(([name]) => name)
        .sort();
    const names = (probes: readonly Probe[]): readonly string[] => probes.map(({ name }) => name).sort();

    for (const zone of ['lake', 'identity'] as const) {
      it(`from ${zone}, with every permission: the declared paths work, ${15} others do not`, () => {
        const before = probe(zone, all, declared());
        assert.deepEqual(connected(before), names(declared()), JSON.stringify(before));
        const found = probe(zone, all, forbidden());
        assert.equal(Object.keys(found).length, 15);
        assert.deepEqual(connected(found), [], JSON.stringify(found));
        assert.deepEqual(connected(probe(zone, all, declared())), names(declared()));
      });

      it(`from ${zone}, without a permission: names alone`, () => {
        assert.deepEqual(connected(probe(zone, {}, declared())), ['names']);
      });
    }

    it('the probes can see: from a namespace without policies they connect', () => {
      const found = probeFrom(site(), 'site', 'default', {}, [
        { name: 'API server by service', kind: 'tcp', host: site().clusterAddress('default', 'kubernetes'), port: 443 },
        { name: 'state', kind: 'tcp', host: hostAt(), port: site().stateDatabase.port },
      ]);
      assert.deepEqual(connected(found), ['API server by service', 'state']);
      // And the stores let nobody in from there.
      const refused = probeFrom(site(), 'site', 'default', all, [
        { name: 'object store', kind: 'tcp', host: store(), port: 7070 },
      ]);
      assert.deepEqual(connected(refused), []);
    });

    describe('from the research environment', () => {
      let research: ResearchNetwork;
      before(async () => {
        research = await researchNetwork(site());
      });
      after(() => research?.remove());

      const probeThere = (pod: 'workspace' | 'engine', probes: readonly Probe[]) => {
        const { namespace, [pod]: one } = research;
        return probeFrom(
          site(),
          namespace,
          one.account,
          one.labels,
          probes,
          site().clusterAddress(zoneOf('names'), 'resolver'),
        );
      };
      const inside = (): readonly Probe[] => [
        { name: 'keys', kind: 'tcp', host: bao(), port: 8200 },
        { name: 'state', kind: 'tcp', host: hostAt(), port: site().stateDatabase.port },
        { name: 'curation', kind: 'tcp', host: research.functionsAddress, port: 80 },
        { name: 'a pod of the lake', kind: 'tcp', host: research.lakePod, port: 8012 },
      ];
      const named: Probe = { name: 'names', kind: 'names', host: `object-store.${zoneOf('stores')}.svc.cluster.local` };
      const storeProbe = (): Probe => ({ name: 'object store', kind: 'tcp', host: store(), port: 7070 });
      const engineProbe = (): Probe => ({
        name: 'engine',
        kind: 'tcp',
        host: research.engineAddress,
        port: research.enginePort,
      });

      it('a workspace reaches the engine of its marts, and neither the store behind it nor 19 other places', () => {
        const before = probeThere('workspace', [named, engineProbe()]);
        assert.deepEqual(connected(before), ['engine', 'names'], JSON.stringify(before));
        const found = probeThere('workspace', [...forbidden(), ...inside(), storeProbe()]);
        assert.equal(Object.keys(found).length, 20);
        assert.deepEqual(connected(found), [], JSON.stringify(found));
        assert.deepEqual(connected(probeThere('workspace', [named, engineProbe()])), ['engine', 'names']);
      });

      it('its engine reaches the object store, and no other of 19 places', () => {
        const before = probeThere('engine', [named, storeProbe()]);
        assert.deepEqual(connected(before), ['names', 'object store'], JSON.stringify(before));
        const found = probeThere('engine', [...forbidden(), ...inside()]);
        assert.equal(Object.keys(found).length, 19);
        assert.deepEqual(connected(found), [], JSON.stringify(found));
        assert.deepEqual(connected(probeThere('engine', [named, storeProbe()])), ['names', 'object store']);
      });

      it('what is not the workspace reaches the engine from nowhere', () => {
        const stranger = probeFrom(site(), zoneOf('lake'), 'curate', {}, [engineProbe()]);
        assert.deepEqual(connected(stranger), []);
      });
    });
  });
}
