import type { GraphResource } from './graph-resource';
import { listOf, textAt, textsAt, valuesAt } from './input-values';

type Labels = Readonly<Record<string, string>>;

/** A conversation that network policies let be begun: between pods of the stack, or with something outside it. */
export interface PodPath {
  /** `zone/application`, `namespace people`, `range 10.96.0.1/32`, or `everywhere`. */
  readonly from: string;
  readonly to: string;
  /** `tcp 5432`, several with a comma; `every port`. */
  readonly ports: string;
}

interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
}

interface Rule {
  /** Nobody is named: everybody is meant. */
  readonly peers: readonly unknown[] | undefined;
  readonly ports: ReadonlySet<string>;
}

interface PodPolicy {
  readonly namespace: string;
  readonly selector: unknown;
  readonly egress: readonly Rule[] | undefined;
  readonly ingress: readonly Rule[] | undefined;
}

const everyPort = 'every port';
const open: readonly Rule[] = [{ peers: undefined, ports: new Set([everyPort]) }];

/** Whether labels meet a selector; the empty one is met by all (Kubernetes API conventions, label selectors). */
function meets(selector: unknown, labels: Labels): boolean {
  const [wanted] = valuesAt(selector, 'matchLabels');
  const expressions = valuesAt(selector, 'matchExpressions[]');
  const equal = Object.entries((wanted ?? {}) as Labels).every(([key, value]) => labels[key] === value);
  return equal && expressions.every((expression) => meetsExpression(expression, labels));
}

function meetsExpression(expression: unknown, labels: Labels): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = textsAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function rulesOf(spec: unknown, direction: 'egress' | 'ingress'): readonly Rule[] | undefined {
  const [types] = valuesAt(spec, 'policyTypes');
  const rules = valuesAt(spec, `${direction}[]`);
  const named = listOf(types).map((type) => String(type).toLowerCase());
  const concerns = named.length > 0 ? named.includes(direction) : direction === 'ingress' || rules.length > 0;
  if (!concerns) return undefined;
  return rules.map((rule) => {
    const peers = valuesAt(rule, direction === 'egress' ? 'to[]' : 'from[]');
    const ports = valuesAt(rule, 'ports[]').map(
      (port) => `${(textAt(port, 'protocol') ?? 'TCP').toLowerCase()} ${textAt(port, 'port') ?? 'every'}`,
    );
    return { peers: peers.length === 0 ? undefined : peers, ports: new Set(ports.length === 0 ? [everyPort] : ports) };
  });
}

/** Ports that both sides allow. */
function both(out: ReadonlySet<string>, into: ReadonlySet<string>): readonly string[] {
  if (out.has(everyPort)) return [...into];
  return into.has(everyPort) ? [...out] : [...out].filter((port) => into.has(port));
}

/** The pods of a stack on Kubernetes, its namespaces and its network policies. */
class PodNetwork {
  readonly #zones: ReadonlyMap<string, Labels>;
  readonly #workloads: readonly Workload[];
  readonly #policies: readonly PodPolicy[];

  constructor(resources: readonly GraphResource[]) {
    const of = (kind: string) => resources.filter(({ type }) => type.startsWith('kubernetes:') && type.endsWith(kind));
    this.#zones = new Map(
      of(':Namespace').map(({ inputs }) => {
        const name = textAt(inputs, 'metadata.name') ?? '';
        const [labels] = valuesAt(inputs, 'metadata.labels');
        return [name, { ...(labels as Labels), 'kubernetes.io/metadata.name': name }];
      }),
    );
    this.#workloads = of('').flatMap(({ inputs }) => workloadOf(inputs));
    this.#policies = of(':NetworkPolicy').map(({ inputs }) => ({
      namespace: textAt(inputs, 'metadata.namespace') ?? 'default',
      selector: valuesAt(inputs, 'spec.podSelector')[0],
      egress: rulesOf(inputs.spec, 'egress'),
      ingress: rulesOf(inputs.spec, 'ingress'),
    }));
  }

  paths(): readonly PodPath[] {
    return this.#workloads.flatMap((one) => [
      ...this.#rules(one, 'egress').flatMap((rule) => this.#outwards(one, rule)),
      ...this.#rules(one, 'ingress').flatMap((rule) =>
        this.#strangers(rule).map((from) => path(from, this.#said(one), rule.ports)),
      ),
    ]);
  }

  #said({ namespace, name }: Workload): string {
    return `${this.#zones.get(namespace)?.['data-lake/zone'] ?? `namespace ${namespace}`}/${name}`;
  }

  /** Policies add up; a pod that none of them selects is open. */
  #rules(pod: Workload, direction: 'egress' | 'ingress'): readonly Rule[] {
    const policies = this.#policies.filter(
      ({ namespace, selector }) => namespace === pod.namespace && meets(selector, pod.labels),
    );
    const concerned = policies.flatMap((policy) => (policy[direction] === undefined ? [] : [policy[direction]]));
    return concerned.length === 0 ? open : concerned.flat();
  }

  #outwards(pod: Workload, rule: Rule): readonly PodPath[] {
    const outside = this.#strangers(rule).map((to) => path(this.#said(pod), to, rule.ports));
    const inside = this.#workloads.flatMap((other) => {
      if (other === pod || !this.#matches(rule, pod, other)) return [];
      const ports = this.#rules(other, 'ingress')
        .filter((entry) => this.#matches(entry, other, pod))
        .flatMap((entry) => both(rule.ports, entry.ports));
      return ports.length === 0 ? [] : [path(this.#said(pod), this.#said(other), new Set(ports))];
    });
    return [...inside, ...outside];
  }

  /** Whether a rule of one pod speaks of another pod of the stack. */
  #matches({ peers }: Rule, own: Workload, other: Workload): boolean {
    if (peers === undefined) return true;
    return peers.some((peer) => {
      if (valuesAt(peer, 'ipBlock').length > 0) return false;
      const [namespaces] = valuesAt(peer, 'namespaceSelector');
      const [pods] = valuesAt(peer, 'podSelector');
      const place =
        namespaces === undefined
          ? other.namespace === own.namespace
          : meets(namespaces, this.#zones.get(other.namespace) ?? {});
      return place && (pods === undefined || meets(pods, other.labels));
    });
  }

  /** What a rule speaks of that is not in the stack. */
  #strangers({ peers }: Rule): readonly string[] {
    if (peers === undefined) return ['everywhere'];
    return peers.flatMap((peer) => {
      const ranges = textsAt(peer, 'ipBlock.cidr').map((cidr) => `range ${cidr}`);
      const [namespaces] = valuesAt(peer, 'namespaceSelector');
      if (namespaces === undefined) return ranges;
      const name = namedIn(namespaces);
      if (name !== undefined) return this.#zones.has(name) ? ranges : [...ranges, `namespace ${name}`];
      return [...ranges, 'everywhere'];
    });
  }
}

/** The one namespace that a selector names, if it names one. */
function namedIn(selector: unknown): string | undefined {
  const [labels] = valuesAt(selector, 'matchLabels');
  return (labels as Labels | undefined)?.['kubernetes.io/metadata.name'];
}

const path = (from: string, to: string, ports: ReadonlySet<string>): PodPath => ({
  from,
  to,
  ports: [...ports].sort().join(', '),
});

/** Where an object says what pods it makes; the last two are those of a schedule of Spark. */
const templatePlaces = [
  'spec.template',
  'spec.jobTemplate.spec.template',
  'spec.template.driver.template',
  'spec.template.executor.template',
];

function workloadOf(inputs: GraphResource['inputs']): readonly Workload[] {
  const namespace = textAt(inputs, 'metadata.namespace') ?? 'default';
  return templatePlaces.flatMap((place) =>
    valuesAt(inputs, place).flatMap((template) => {
      if (valuesAt(template, 'spec.containers').length === 0) return [];
      const labels = (valuesAt(template, 'metadata.labels')[0] ?? {}) as Labels;
      const which = labels['data-lake/project'] ?? labels['spark-role'];
      const name = labels['app.kubernetes.io/name'] ?? textAt(inputs, 'metadata.name') ?? '';
      return [{ namespace, labels, name: which === undefined ? name : `${name} ${which}` }];
    }),
  );
}

/**
 * Every conversation that the recorded network policies of a stack on Kubernetes let be begun. Pods that an operator makes from a
 * resource of its own (a cluster of CloudNativePG) are not recorded, so nothing is said of them.
 */
export const podPaths = (resources: readonly GraphResource[]): readonly PodPath[] => {
  const all = new PodNetwork(resources).paths();
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
};
