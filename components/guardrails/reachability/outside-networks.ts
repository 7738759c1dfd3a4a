import { internet } from './borders';
import type { GraphResource } from './graph-resource';
import { flagAt, textsAt, valuesAt } from './input-values';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';

const interfaceType = 'aws:ec2/networkInterface:NetworkInterface';
/** Where each type that runs code or queries says in which subnets it stands. */
const standing: Readonly<Record<string, string>> = {
  'aws:ec2/instance:Instance': 'subnetId',
  [interfaceType]: 'subnetId',
  'aws:emrserverless/application:Application': 'networkConfiguration.subnetIds',
  'aws:lambda/function:Function': 'vpcConfig.subnetIds',
};
const workgroup = 'aws:redshiftserverless/workgroup:Workgroup';
const interfaces = 'networkInterfaces[].networkInterfaceId';
const subnetTypes = ['aws:ec2/subnet:Subnet', 'aws:ec2/defaultSubnet:DefaultSubnet'];

/**
 * Ways out of what stands in no network of the stack: without subnets a function or a Spark application has AWS's own way to the
 * internet (Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"), and no rule of ours is on it.
 */
export class OutsideNetworks {
  readonly #graph: ResourceGraph;

  constructor(graph: ResourceGraph) {
    this.#graph = graph;
  }

  edges(): readonly Edge[] {
    return [
      ...Object.entries(standing).flatMap(([type, path]) =>
        this.#graph.of(type).flatMap((resource) => this.#standing(resource, path)),
      ),
      ...this.#graph.of(workgroup).flatMap((resource) => this.#routing(resource)),
    ];
  }

  #standing(resource: GraphResource, path: string): readonly Edge[] {
    const own = valuesAt(resource.inputs, path.replace(/\.?subnetIds?$/, 'networkInterfaces[]')).length > 0;
    const subnets = textsAt(resource.inputs, path);
    const mend = `let ${kindOf(resource)} ${resource.name} stand in subnets of the stack (${path})`;
    if (subnets.length === 0 && !own)
      return [edgeOf(resource, internet, [stepOf(resource, `names no ${path}: a network of AWS's own is open`)], mend)];
    const strange = [
      ...subnets.filter((id) => !this.#isOfTheStack(id, subnetTypes)),
      ...textsAt(resource.inputs, interfaces).filter((id) => !this.#isOfTheStack(id, [interfaceType])),
    ];
    return strange.map((id) =>
      edgeOf(resource, `network of ${id}`, [stepOf(resource, `stands where the stack does not see: ${id}`)], mend),
    );
  }

  /** In a preview URNs stand for ids, of all that a property comes from: whatever they name, the stack makes it. */
  #isOfTheStack(id: string, types: readonly string[]): boolean {
    return this.#graph.find(id, ...types) !== undefined || id.startsWith('urn:pulumi:');
  }

  /** Copies and unloads of a warehouse go by the network only when it is told so. */
  #routing(resource: GraphResource): readonly Edge[] {
    if (flagAt(resource.inputs, 'enhancedVpcRouting')) return [];
    const says = 'enhancedVpcRouting is not set: it copies and unloads past the network';
    return [edgeOf(resource, internet, [stepOf(resource, says)], `set enhancedVpcRouting of ${resource.name}`)];
  }
}
