import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import type { Reference } from '../../components/guardrails/rules/rule';
import { guardedGraph } from './guarded-stack';
import type { RecordedResource } from './resource-graph';
import { type AllResults, deploymentCell, type ShownBy, workCell } from './suite-results';

/** What a component can be held to, each by the outcomes of the CAF that its guard rails refer to. */
const capabilities = {
  'closed to outside': ['B4.a', 'B3.b'],
  'encrypted, erasable': ['B3.c'],
  'rights and sign-in': ['B2.a', 'B2.b', 'B2.c', 'B2.d'],
  'kept and recoverable': ['B5.a', 'B5.b', 'B5.c'],
  'logged and watched': ['C1.a', 'C1.b', 'C1.c', 'C1.d'],
  'placed and owned': ['A3.a', 'B3.a', 'A4.a', 'B4.b', 'B4.d'],
} as const;
type Capability = keyof typeof capabilities;

const gives = (references: readonly Reference[], capability: Capability): boolean =>
  capabilities[capability].some((outcome) => references.includes(`CAF ${outcome}`));

/** One component on one target: what it is made of and what was found when it was held to the guard rails. */
interface ComponentRow {
  readonly resources: number;
  readonly kept: Readonly<Record<Capability, number>>;
  readonly broken: Readonly<Record<Capability, number>>;
}

/** `ingestion` of `lake:ingestion:Ingestion`; what is made for one function is the component `function`. */
const moduleOf = (urn: string): string => urn.split('::')[2]?.split('$').at(-1)?.split(':')[1] ?? '';

function rowsOf(stack: readonly RecordedResource[]): ReadonlyMap<string, ComponentRow> {
  const components = new Map(
    stack.filter(({ custom }) => custom).map(({ urn, component }) => [urn, moduleOf(component)]),
  );
  const rows = new Map<
    string,
    { resources: number; kept: Record<Capability, number>; broken: Record<Capability, number> }
  >();
  const none = (): Record<Capability, number> =>
    Object.fromEntries(Object.keys(capabilities).map((name) => [name, 0])) as Record<Capability, number>;
  for (const component of components.values()) {
    if (component === '') continue;
    const row = rows.get(component) ?? { resources: 0, kept: none(), broken: none() };
    rows.set(component, { ...row, resources: row.resources + 1 });
  }
  const graph = guardedGraph(stack);
  for (const rule of rules)
    for (const { resource, wrong } of findingsOf(rule, graph)) {
      const row = rows.get(components.get(resource.urn) ?? '');
      if (row === undefined) continue;
      for (const capability of Object.keys(capabilities) as Capability[])
        if (gives(rule.references, capability)) row[wrong === undefined ? 'kept' : 'broken'][capability] += 1;
    }
  return rows;
}

function cellOf(row: ComponentRow | undefined, capability: Capability): string {
  if (row === undefined) return 'no such component';
  const { [capability]: kept } = row.kept;
  const { [capability]: broken } = row.broken;
  if (broken > 0) return `**not kept** (${broken} of ${kept + broken})`;
  return kept > 0 ? `guarded (${kept})` : 'described';
}

/** A column of the page: a stack, and the tests of other suites that are about it. */
export interface TargetColumn extends ShownBy {
  readonly resources: readonly RecordedResource[];
}

/**
 * Component by capability and target. `described`: the program asks for it; `guarded (n)`: and n findings of guard rails that are
 * tested by mutants were all good when this page was made; the rest is what suites with real parts showed when they last ran.
 *
 * @param columns by their names
 */
export function targetsPage(columns: Readonly<Record<string, TargetColumn>>, results: AllResults): string {
  const targets = Object.entries(columns).map(([name, column]) => [name, rowsOf(column.resources), column] as const);
  const components = [...new Set(targets.flatMap(([, rows]) => [...rows.keys()]))].sort();
  const head = ['component', 'capability', ...targets.map(([name]) => name)];
  const lines = components.flatMap((component) => [
    [
      component,
      'resources',
      ...targets.map(([, rows]) => String(rows.get(component)?.resources ?? 'no such component')),
    ],
    ...(Object.keys(capabilities) as Capability[]).map((capability) => [
      '',
      capability,
      ...targets.map(([, rows]) => cellOf(rows.get(component), capability)),
    ]),
    [
      '',
      'brought up and taken down',
      ...targets.map(([, rows, column]) =>
        rows.has(component) ? deploymentCell(column, results) : 'no such component',
      ),
    ],
    [
      '',
      'does its work',
      ...targets.map(([, rows, column]) =>
        rows.has(component) ? workCell(component, column, results) : 'no such component',
      ),
    ],
  ]);
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `# Targets

Made by \`npm run targets\` from what the program of each stack asks for and from what the suites left in \`docs/results\` when they last ran; never by hand.
*Described*: the program asks for it, no guard rail looks at it. *Guarded (n)*: the guard rails of \`components/guardrails/rules\` made n findings about it, all
good; each rule is tested by a mutant. *Real engine (n)*: n tests with Pulumi's engine, whose provider makes its answers up, planned, made, changed and
took down the whole stack. *Real cluster (n)*: so many of a stack on a real cluster passed. *Emulator (n)*: so many with servers of its kind on one machine passed
([portability.md](portability.md) says which). *Not shown*: no test of these suites passed. No cloud account was at hand; what each shows stands in
[proof.md](proof.md).

${table}
`;
}
