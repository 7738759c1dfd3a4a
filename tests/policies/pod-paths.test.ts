import assert from 'node:assert/strict';
import type { GraphResource } from '../../components/guardrails/reachability';
import { type PodPath, podPaths } from '../../components/guardrails/reachability/pod-paths';
import { fullSettings } from '../components/dev-stack';
import { deploy } from '../components/recorded-lake';

const zoneOf = (end: string): string => (end.startsWith('range ') ? end : end.replace(/\/.*/, ''));

/** Zone to zone, each once; what is outside by its own name. */
const zonesOf = (paths: readonly PodPath[]): readonly string[] =>
  [...new Set(paths.map(({ from, to }) => `${zoneOf(from)} -> ${zoneOf(to)}`))].sort();

const policy = (name: string, namespace: string, spec: object): GraphResource => ({
  type: 'kubernetes:networking.k8s.io/v1:NetworkPolicy',
  name,
  inputs: { metadata: { name, namespace }, spec },
});
const workspaceOf = (project: string) => ({ podSelector: { matchLabels: { 'data-lake/project': project } } });

describe('ways between pods of a lake on Kubernetes', () => {
  let stack: readonly GraphResource[];
  const changed = (change: (now: readonly GraphResource[]) => readonly GraphResource[]) =>
    podPaths(change(stack)).filter((path) => !known.has(JSON.stringify(path)));
  let known: ReadonlySet<string>;

  before(async () => {
    stack = await deploy('apply', fullSettings);
    known = new Set(podPaths(stack).map((path) => JSON.stringify(path)));
  });

  it('are those of the design, zone by zone, and no other', () => {
    assert.deepEqual(zonesOf(podPaths(stack)), [
      'identity -> keys',
      'identity -> names',
      // Its desk asks for replays and tells of changed links; the test below says that nothing else does.
      'identity -> namespace kourier-system',
      'identity -> stores',
      'keys -> names',
      'keys -> range 10.96.0.1/32',
      'lake -> keys',
      'lake -> names',
      // The gateway between functions, which passes calls on.
      'lake -> namespace kourier-system',
      'lake -> stores',
      'logs -> names',
      'logs -> stores',
      'names -> range 10.96.0.1/32',
      // Knative's activator and gateway bring senders' requests; people come by the gateway of the site.
      'namespace knative-serving -> identity',
      'namespace knative-serving -> lake',
      'namespace kourier-system -> identity',
      'namespace kourier-system -> lake',
      'namespace people -> lake',
      'namespace people -> tre',
      'stores -> keys',
      'stores -> names',
      'stores -> stores',
      'tre -> names',
      'tre -> stores',
      'tre -> tre',
    ]);
  });

  it('lead out of the identity zone to functions for its desk alone', () => {
    const callers = podPaths(stack).filter(
      ({ from, to }) => from.startsWith('identity/') && to.startsWith('namespace kourier-system'),
    );
    assert.deepEqual([...new Set(callers.map(({ from }) => from))], ['identity/identity-operator']);
  });

  it('lead from a workspace to the research warehouse and the resolver, and to no other project', () => {
    const of = (project: string) =>
      podPaths(stack)
        .filter(({ from }) => from === `tre/workspace ${project}`)
        .map(({ to, ports }) => `${to} ${ports}`);
    for (const project of ['flu', 'frailty'])
      assert.deepEqual(of(project), ['names/resolver tcp 5353, udp 5353', 'tre/research-warehouse tcp 8443']);
  });

  const mutants: readonly (readonly [string, (now: readonly GraphResource[]) => readonly GraphResource[], RegExp])[] = [
    [
      'a network that nothing closes',
      (now) => now.filter(({ name }) => name !== 'network-lake-closed'),
      /^everywhere -> lake\//,
    ],
    [
      'a workspace that may go anywhere',
      (now) => [
        ...now,
        policy('packages', 'lake-tre', { ...workspaceOf('flu'), policyTypes: ['Egress'], egress: [{}] }),
      ],
      /^tre\/workspace flu -> everywhere/,
    ],
    [
      'a range of the internet',
      (now) => [
        ...now,
        policy('mirror', 'lake-lake', {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
        }),
      ],
      /^lake\/ingest -> range 203\.0\.113\.0\/24/,
    ],
    [
      'two projects that share a port',
      (now) => [
        ...now,
        policy('out', 'lake-tre', {
          ...workspaceOf('flu'),
          policyTypes: ['Egress'],
          egress: [{ to: [workspaceOf('frailty')] }],
        }),
        policy('in', 'lake-tre', {
          ...workspaceOf('frailty'),
          policyTypes: ['Ingress'],
          ingress: [{ from: [workspaceOf('flu')] }],
        }),
      ],
      /^tre\/workspace flu -> tre\/workspace frailty/,
    ],
    [
      'the key service open to everybody',
      (now) => [...now, policy('all', 'lake-keys', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] })],
      /^everywhere -> keys\/openbao/,
    ],
    [
      'researchers that reach the lake',
      (now) => [
        ...now,
        policy('out', 'lake-tre', {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [{ to: [{ namespaceSelector: {} }] }],
        }),
      ],
      /^tre\/workspace flu -> everywhere/,
    ],
  ];
  for (const [name, change, expected] of mutants)
    it(`show ${name}`, () => {
      const more = changed(change).map(({ from, to, ports }) => `${from} -> ${to} (${ports})`);
      assert.ok(
        more.some((line) => expected.test(line)),
        more.join('\n'),
      );
    });
});
