import type { GraphResource } from './graph-resource';
import { textAt } from './input-values';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { keyOf, type ResourceGraph } from './resource-graph';
import { type GroupRule, groupsOf, groupTypes, idOfResource } from './security-groups';

const endpointType = 'aws:ec2clientvpn/endpoint:Endpoint';

/**
 * Ways out by people's machines: a client VPN stands in a network as whatever carries its security groups does, and what lets those
 * groups in answers the people.
 */
export class ClientVpns {
  readonly #graph: ResourceGraph;

  constructor(graph: ResourceGraph) {
    this.#graph = graph;
  }

  edges(): readonly Edge[] {
    return this.#graph.of('aws:ec2clientvpn/authorizationRule:AuthorizationRule').flatMap((rule) => {
      const [endpoint] = this.#graph.named(rule, 'clientVpnEndpointId', endpointType);
      if (endpoint === undefined) return [];
      const whom = textAt(rule.inputs, 'accessGroupId') === undefined ? 'everybody' : 'a group';
      const steps = [
        stepOf(endpoint, 'people come in with their machines'),
        stepOf(rule, `lets ${whom} to ${textAt(rule.inputs, 'targetNetworkCidr') ?? 'every range'}`),
      ];
      const groups = this.#graph.named(endpoint, 'securityGroupIds', ...groupTypes);
      const mend = `take AuthorizationRule ${rule.name} out, or declare the exit`;
      const to = `client VPN ${endpoint.name}`;
      // Without a group it carries the default one of its VPC, whatever that lets through.
      return groups.length === 0
        ? [edgeOf(endpoint, to, steps, mend)]
        : [...groups, ...this.#answering(groups.map(idOfResource))].map((group) =>
            edgeOf(group, to, steps, `${mend} (${keyOf(group)})`),
          );
    });
  }

  #answering(people: readonly string[]): readonly GraphResource[] {
    return groupsOf(this.#graph)
      .filter(({ id, rules }) => !people.includes(id) && rules.some((rule) => lets(rule, people)))
      .map(({ resource }) => resource);
  }
}

const lets = ({ direction, groups }: GroupRule, people: readonly string[]): boolean =>
  direction === 'ingress' && groups.some((id) => people.includes(id));
