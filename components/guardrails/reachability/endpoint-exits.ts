import { common, everywhere, unrouted, without } from './address-range';
import { anyAccount, type Borders } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt, valuesAt } from './input-values';
import type { InsidePaths } from './inside-paths';
import type { Placement, Station } from './placement';
import { type PolicyStatement, statementsOf } from './policy-document';
import { type Edge, edgeOf, type Step, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';
import { type Group, idOfResource, rangesOfRule } from './security-groups';
import { saidPorts } from './traffic';

const endpointType = 'aws:ec2/vpcEndpoint:VpcEndpoint';

const ofResource = /^aws:Resource(Account|OrgID)$/i;
const ofPrincipal = /^aws:Principal(Account|OrgID)$/i;

/** What an endpoint leads to beside our own resources. */
interface Beyond {
  readonly to: string;
  readonly steps: readonly Step[];
  readonly mend: string;
}

/** Ways out through endpoints: those whose policy lets more through than our own, and services of others. */
export class EndpointExits {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;
  readonly #groups: readonly Group[];
  readonly #placement: Placement;
  readonly #inside: InsidePaths;

  constructor(
    graph: ResourceGraph,
    borders: Borders,
    net: { readonly groups: readonly Group[]; readonly placement: Placement; readonly inside: InsidePaths },
  ) {
    this.#graph = graph;
    this.#borders = borders;
    this.#groups = net.groups;
    this.#placement = net.placement;
    this.#inside = net.inside;
  }

  edges(): readonly Edge[] {
    return this.#graph.of(endpointType).flatMap((endpoint) => {
      const beyond = this.#beyond(endpoint);
      if (beyond === undefined) return [];
      return this.#groups
        .flatMap((group) => this.#placement.stationsOf(group))
        .flatMap((station) => {
          const way = this.#wayTo(endpoint, station);
          if (way === undefined) return [];
          const edge = edgeOf(station.group.resource, beyond.to, [...way, ...beyond.steps], beyond.mend);
          return [{ ...edge, zone: station.zone }];
        });
    });
  }

  #beyond(endpoint: GraphResource): Beyond | undefined {
    const service = textAt(endpoint.inputs, 'serviceName') ?? '';
    const kind = textAt(endpoint.inputs, 'vpcEndpointType') ?? 'Gateway';
    if (!/^(com\.amazonaws|aws\.api|aws\.sagemaker)\./.test(service) || /\.vpce\./.test(service))
      return {
        to:
          kind === 'Resource' || kind === 'ServiceNetwork'
            ? `${kind} of endpoint ${endpoint.name}`
            : `endpoint service ${service}`,
        steps: [stepOf(endpoint, 'its service is not one of AWS')],
        mend: `take ${kindOf(endpoint)} ${endpoint.name} out, or declare the exit`,
      };
    const policy = this.#policyOf(endpoint);
    const mend = `bind every statement of its policy to aws:ResourceAccount (${kindOf(endpoint)} ${endpoint.name}, policy)`;
    if (policy === undefined)
      return { to: anyAccount, steps: [stepOf(endpoint, 'has no policy that can be read: everything passes')], mend };
    const open = policy.find((statement) => statement.allow && !this.#isBound(statement, policy));
    if (open === undefined) return undefined;
    const says = `policy, ${open.sid}, allows ${open.actions.join(', ')} on resources of others`;
    return { to: anyAccount, steps: [stepOf(endpoint, says)], mend };
  }

  #policyOf(endpoint: GraphResource): readonly PolicyStatement[] | undefined {
    const apart = this.#graph
      .of('aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy')
      .find(({ inputs }) => textAt(inputs, 'vpcEndpointId') === idOfResource(endpoint));
    return statementsOf(valuesAt((apart ?? endpoint).inputs, 'policy')[0]);
  }

  /** Bound to resources of ours: by account, by organisation, by ARN; a deny for everything else binds them all. */
  #isBound(statement: PolicyStatement, all: readonly PolicyStatement[]): boolean {
    const bounding = (one: PolicyStatement, key: RegExp, negated: boolean, loose = negated): boolean =>
      one.conditions.some(
        (condition) =>
          key.test(condition.key) &&
          condition.operator.includes('Not') === negated &&
          (loose || !/^ForAllValues:|IfExists$/.test(condition.operator)) &&
          condition.values.every((value) => this.#borders.isOurs(value) || this.#borders.isOurOrganisation(value)),
      );
    if (bounding(statement, ofResource, false)) return true;
    // Calls that name no resource have no account of one: then who calls has to be ours.
    if (bounding(statement, ofResource, false, true) && bounding(statement, ofPrincipal, false)) return true;
    const named = statement.resources;
    if (named.length > 0 && named.every((arn) => arn.startsWith('arn:') && this.#borders.placeOf(arn) === undefined))
      return true;
    // Reading alone carries nothing to the owner of a bucket that is named: images, packages and documents of AWS.
    const { actions } = statement;
    if (named.length > 0 && named.every((arn) => /^arn:[a-z-]+:s3:::[^*?/]+(\/|$)/.test(arn)))
      if (actions.length > 0 && actions.every((action) => /^s3:Get(Object|BucketLocation)$/.test(action))) return true;
    return all.some(
      (one) =>
        !one.allow &&
        one.principals.includes('*') &&
        one.actions.includes('*') &&
        one.resources.includes('*') &&
        one.conditions.length === 1 &&
        bounding(one, ofResource, true),
    );
  }

  #wayTo(endpoint: GraphResource, station: Station): readonly Step[] | undefined {
    if (idOfResource(station.group.vpc) !== textAt(endpoint.inputs, 'vpcId')) return undefined;
    return (textAt(endpoint.inputs, 'vpcEndpointType') ?? 'Gateway') === 'Gateway'
      ? this.#byRouteTable(endpoint, station)
      : this.#bySecurityGroup(endpoint, station);
  }

  #byRouteTable(endpoint: GraphResource, { group, subnets }: Station): readonly Step[] | undefined {
    const tables = new Set(textsAt(endpoint.inputs, 'routeTableIds'));
    for (const { inputs } of this.#graph.of(
      'aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation',
    ))
      if (textAt(inputs, 'vpcEndpointId') === idOfResource(endpoint)) tables.add(textAt(inputs, 'routeTableId') ?? '');
    const subnet = subnets.find(({ routeTable }) => routeTable !== undefined && tables.has(idOfResource(routeTable)));
    const list = textAt(endpoint.outputs, 'prefixListId');
    const rule = group.rules.find(
      (one) =>
        one.direction === 'egress' &&
        ((one.prefixLists.length > 0 && (list === undefined || one.prefixLists.includes(list))) ||
          // Services have public addresses.
          without(common(rangesOfRule(this.#graph, one), everywhere), unrouted).length > 0),
    );
    if (subnet?.routeTable === undefined || rule === undefined) return undefined;
    return [
      stepOf(rule.at, `egress to the service, ${saidPorts(rule.ports)}`),
      stepOf(subnet.resource, `its routes are in ${subnet.routeTable.name}`),
      stepOf(subnet.routeTable, `leads to ${endpoint.name}`),
    ];
  }

  #bySecurityGroup(endpoint: GraphResource, station: Station): readonly Step[] | undefined {
    const own = new Set(textsAt(endpoint.inputs, 'securityGroupIds'));
    for (const there of this.#groups.filter(({ id }) => own.has(id))) {
      if (there === station.group) return [];
      const ways = this.#placement.stationsOf(there).map((other) => this.#inside.conversation(station, other));
      const way = ways.find((one) => one !== undefined);
      if (way !== undefined) return way;
    }
    // In a group that the stack does not hold anything may come in.
    return own.size > 0 && this.#groups.some(({ id }) => own.has(id)) ? undefined : [];
  }
}
