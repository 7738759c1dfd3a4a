import { Borders, type Declared, type DeclaredExit } from './borders';
import { ClientVpns } from './client-vpns';
import { Deliveries } from './deliveries';
import { EndpointExits } from './endpoint-exits';
import type { GraphResource } from './graph-resource';
import { InsidePaths } from './inside-paths';
import { NameExits } from './name-exits';
import { NamedElsewhere } from './named-elsewhere';
import { NetworkExits } from './network-exits';
import { OutsideNetworks } from './outside-networks';
import { Placement } from './placement';
import type { Edge, Finding } from './reach-path';
import { keyOf, kindOf, ResourceGraph, zoneOf } from './resource-graph';
import { ResourcePolicies } from './resource-policies';
import { RoleFlows } from './role-flows';
import { groupsOf } from './security-groups';
import { ServiceConnections } from './service-connections';
import { SharedThings } from './shared-things';
import { SignedAddresses } from './signed-addresses';
import { isUnderstood } from './understood-types';

export type { Declared } from './borders';
export type { GraphResource } from './graph-resource';
export { explain, type Finding } from './reach-path';

/**
 * Every way by which data can leave the recorded resources of a stack on AWS and that is not declared: to the internet, to another
 * account, from one research project to another, from zone to zone. What the solver does not know counts as a way out.
 *
 * It sees what the program makes; it cannot see what was there in the account before.
 */
export function findPaths(resources: readonly GraphResource[], declared: Declared): readonly Finding[] {
  const graph = new ResourceGraph(resources);
  const borders = new Borders(graph, declared);
  const groups = groupsOf(graph);
  const placement = new Placement(graph);
  const inside = new InsidePaths(graph, groups, placement);
  const exits = new NetworkExits(graph, borders, placement);
  const flows = new RoleFlows(graph, borders);
  const edges = [
    ...groups.flatMap((group) => exits.edgesOf(group)),
    ...new EndpointExits(graph, borders, { groups, placement, inside }).edges(),
    ...new ClientVpns(graph).edges(),
    ...new ServiceConnections(graph).edges(),
    ...new NameExits(graph, borders).edges(),
    ...new ResourcePolicies(graph, borders).edges(),
    ...new SignedAddresses(graph, borders).edges(),
    ...new Deliveries(graph, borders).edges(),
    ...new SharedThings(graph, borders).edges(),
    ...new OutsideNetworks(graph).edges(),
    ...flows.outwards(),
  ];
  const named = new NamedElsewhere(graph, borders).edgesBeside(edges);
  const found = [
    ...new Ways(graph, [...edges, ...named]).outwards(),
    ...new Ways(graph, flows.betweenProjects()).betweenProjects(),
    ...inside.findings(),
    ...unknown(graph),
  ];
  return distinct(found.filter((finding) => !isDeclared(finding, declared)));
}

/** The edges of a stack put together to ways. */
class Ways {
  readonly #resources = new Map<string, GraphResource>();
  readonly #graph: ResourceGraph;
  readonly #into: ReadonlyMap<string, readonly Edge[]>;
  readonly #outOf: ReadonlyMap<string, readonly Edge[]>;

  constructor(graph: ResourceGraph, edges: readonly Edge[]) {
    this.#graph = graph;
    for (const resource of graph.resources) this.#resources.set(keyOf(resource), resource);
    this.#into = Map.groupBy(edges, ({ to }) => to);
    this.#outOf = Map.groupBy(edges, ({ from }) => from);
  }

  /** For each edge that leads outside one way: the shortest from the furthest it comes from. */
  outwards(): readonly Finding[] {
    const last = [...this.#into].flatMap(([to, edges]) => (this.#resources.has(to) ? [] : edges));
    return last.map((edge) => this.#finding([...this.#upstream(edge), edge], edge.to));
  }

  /** From everything of a project to everything of another that it flows to. */
  betweenProjects(): readonly Finding[] {
    return [...this.#resources].flatMap(([key, resource]) => {
      const project = this.#graph.projectOf(resource);
      if (project === undefined) return [];
      return this.#flows(key).flatMap((way) => {
        const end = this.#resources.get(way.at(-1)?.to ?? '');
        const other = end === undefined ? undefined : this.#graph.projectOf(end);
        return other === undefined || other === project ? [] : [this.#finding(way, `project ${other}`)];
      });
    });
  }

  #zone(resource: GraphResource): string {
    const own = zoneOf(resource);
    if (own !== undefined) return own;
    const [vpc] = this.#graph.named(resource, 'vpcId', 'aws:ec2/vpc:Vpc');
    return (vpc === undefined ? undefined : zoneOf(vpc)) ?? '';
  }

  #finding(way: readonly Edge[], to: string): Finding {
    const [first] = way;
    const origin = this.#resources.get(first?.from ?? '');
    const steps = way.flatMap(({ steps }, index) => {
      const next = this.#resources.get(way[index + 1]?.from ?? '');
      return next === undefined ? steps : [...steps, { kind: kindOf(next), name: next.name, says: 'passes it on' }];
    });
    return {
      zone: first?.zone ?? (origin === undefined ? '' : this.#zone(origin)),
      from: first?.from ?? '',
      to,
      steps,
      mend: way.at(-1)?.mend ?? '',
    };
  }

  /** The shortest chain into the beginning of an edge, from where nothing leads further. */
  #upstream(edge: Edge): readonly Edge[] {
    const seen = new Set([edge.from]);
    let ends: readonly (readonly Edge[])[] = [[]];
    for (;;) {
      const longer = ends.flatMap((chain) =>
        (this.#into.get(chain[0]?.from ?? edge.from) ?? []).flatMap((before) => {
          if (seen.has(before.from)) return [];
          seen.add(before.from);
          return [[before, ...chain]];
        }),
      );
      if (longer.length === 0) return ends[0] ?? [];
      ends = longer;
    }
  }

  /** A way to each resource that something flows to. */
  #flows(start: string): readonly (readonly Edge[])[] {
    const seen = new Set([start]);
    const ways: (readonly Edge[])[] = [];
    for (const queue: (readonly Edge[])[] = [[]]; queue.length > 0; ) {
      const way = queue.shift() ?? [];
      for (const edge of this.#outOf.get(way.at(-1)?.to ?? start) ?? []) {
        if (seen.has(edge.to) || !this.#resources.has(edge.to)) continue;
        seen.add(edge.to);
        ways.push([...way, edge]);
        queue.push([...way, edge]);
      }
    }
    return ways;
  }
}

function unknown({ resources }: ResourceGraph): readonly Finding[] {
  return resources
    .filter(({ type }) => !isUnderstood(type))
    .map((resource) => ({
      zone: zoneOf(resource) ?? '',
      from: keyOf(resource),
      to: 'unknown',
      steps: [{ kind: kindOf(resource), name: resource.name, says: `${resource.type} could carry data anywhere` }],
      mend: 'look what it can carry, then teach the solver (components/guardrails/reachability/understood-types.ts)',
    }));
}

function isDeclared({ zone, from, to, steps }: Finding, { exits = [], inside = [] }: Declared): boolean {
  const origin = from.slice(from.indexOf(' ') + 1);
  const named = new Set([origin, ...steps.map(({ name }) => name)]);
  const allows = (exit: DeclaredExit): boolean =>
    exit.to === to && (exit.zone ?? zone) === zone && (exit.from ?? origin) === origin && named.has(exit.through);
  return exits.some(allows) || inside.some((path) => path.from === zone && `zone ${path.to}` === to);
}

/** One of many subnets or rules is enough to see what is wrong. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const alike = Map.groupBy(findings, ({ from, to, mend }) => JSON.stringify([from, to, mend]));
  return [...alike.values()].flatMap(([first]) => first ?? []);
}
