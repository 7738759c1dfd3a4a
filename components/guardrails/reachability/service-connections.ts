import { internet } from './borders';
import { textAt } from './input-values';
import { type Edge, edgeOf, stepOf } from './reach-path';
import type { ResourceGraph } from './resource-graph';
import { groupTypes } from './security-groups';

const glueConnection = 'aws:glue/connection:Connection';
const reportConnection = 'aws:quicksight/vpcConnection:VpcConnection';
/** Types that this file asks. */
export const connectionTypes = [glueConnection, reportConnection] as const;

/** Ways out by connections that services have of their own: a service stands in a network, or shows people what it reads there. */
export class ServiceConnections {
  readonly #graph: ResourceGraph;

  constructor(graph: ResourceGraph) {
    this.#graph = graph;
  }

  edges(): readonly Edge[] {
    return [...this.#outside(), ...this.#reports()];
  }

  /** In a subnet it goes by the network's routes and groups; without one it connects from a network of AWS's own. */
  #outside(): readonly Edge[] {
    return this.#graph
      .of(glueConnection)
      .filter(({ inputs }) => textAt(inputs, 'physicalConnectionRequirements.subnetId') === undefined)
      .map((one) =>
        edgeOf(one, internet, [stepOf(one, 'stands in no network of ours')], `give Connection ${one.name} a subnet`),
      );
  }

  /** Whoever signs in to Amazon Quick Sight sees what its connection reaches. */
  #reports(): readonly Edge[] {
    return this.#graph.of(reportConnection).flatMap((one) => {
      const to = `reports ${one.name}`;
      const steps = [stepOf(one, 'shows people what it reads')];
      const mend = `take VpcConnection ${one.name} out, or declare the exit`;
      const groups = this.#graph.named(one, 'securityGroupIds', ...groupTypes);
      return (groups.length === 0 ? [one] : groups).map((from) => edgeOf(from, to, steps, mend));
    });
  }
}
