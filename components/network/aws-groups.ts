import { SecurityGroup } from '@pulumi/aws/ec2';
import { SecurityGroupEgressRule, SecurityGroupIngressRule } from '@pulumi/aws/vpc';
import type { Output } from '@pulumi/pulumi';
import type { AwsParts, PartPlace } from '../core/aws-parts';
import { type AwsPermission, awsPermissions } from '../core/aws-reach';
import { awsName } from '../core/aws-target';
import type { AwsEndpoints, AwsService } from './aws-endpoints';
import type { AwsVpc } from './aws-vpc';

type Id = Output<string>;

/** Groups of the lake's network. */
export interface AwsLakeGroups {
  /** A function's interface carries those of its manifest; each opens one way out, and nothing in. */
  readonly permissions: Readonly<Record<AwsPermission, Id>>;
  /** On the clusters of the databases; each lets in the one permission. */
  readonly databases: Readonly<Record<'lake' | 'identity', Id>>;
  /** Of jobs that build tables: among themselves, to S3 and to the services they need. */
  readonly curation: Id;
  /** Of the crawler of data that others put, where there is one. */
  readonly crawler?: Id;
}

/** Groups of the research network. */
export interface AwsResearchGroups {
  readonly workspaces: Id;
  readonly warehouse: Id;
  /** Of the connection of Amazon Quick Sight, where there is one. */
  readonly reports?: Id;
}

/** Opens single ways between groups: both ends, each rule a resource of its own with a reason. */
export class AwsWays {
  readonly #parts: AwsParts;
  readonly #network: string;
  readonly #vpcId: Id;

  constructor(parts: AwsParts, network: string, vpc: AwsVpc) {
    this.#parts = parts;
    this.#network = network;
    this.#vpcId = vpc.vpcId;
  }

  /** @param place of what stands in it, if not the network's own */
  group(name: string, description: string, place?: PartPlace): Id {
    const args = {
      vpcId: this.#vpcId,
      name: awsName(this.#parts.target, this.#network, name),
      description,
      revokeRulesOnDelete: true,
    };
    const options = place === undefined ? {} : { place };
    return this.#parts.add(SecurityGroup, `${this.#network}-group-${name}`, args, options).id;
  }

  /** One way, out of one group and into another. */
  open(role: string, from: Id, to: Id, port: number): void {
    const common = { ipProtocol: 'tcp', fromPort: port, toPort: port, description: role };
    this.#parts.add(SecurityGroupEgressRule, `${this.#network}-${role}-out`, {
      ...common,
      securityGroupId: from,
      referencedSecurityGroupId: to,
    });
    this.#parts.add(SecurityGroupIngressRule, `${this.#network}-${role}-in`, {
      ...common,
      securityGroupId: to,
      referencedSecurityGroupId: from,
    });
  }

  /** To what a prefix list holds: the addresses of S3 in this region, which the gateway endpoint leads to. */
  openList(role: string, from: Id, prefixListId: Id): void {
    this.#parts.add(SecurityGroupEgressRule, `${this.#network}-${role}-out`, {
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      description: role,
      securityGroupId: from,
      prefixListId,
    });
  }

  /** In from a range of a network beyond. */
  openRange(role: string, range: string, to: Id, port: number): void {
    this.#parts.add(SecurityGroupIngressRule, `${this.#network}-${role}-in`, {
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: role,
      securityGroupId: to,
      cidrIpv4: range,
    });
  }

  /** Out to a range of a network beyond. */
  openBeyond(role: string, from: Id, range: string, port: number): void {
    this.#parts.add(SecurityGroupEgressRule, `${this.#network}-${role}-out`, {
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: role,
      securityGroupId: from,
      cidrIpv4: range,
    });
  }

  /** Answers of one group into another whose interfaces keep no state. */
  openAnswers(role: string, from: Id, to: Id): void {
    this.#parts.add(SecurityGroupIngressRule, `${this.#network}-${role}-in`, {
      ipProtocol: 'tcp',
      fromPort: 1024,
      toPort: 65_535,
      description: role,
      securityGroupId: to,
      referencedSecurityGroupId: from,
    });
  }

  /** Members of one group among themselves, on every TCP port: the parts of one cluster. */
  openAmong(role: string, group: Id): void {
    const common = { ipProtocol: 'tcp', fromPort: 0, toPort: 65_535, description: role };
    const both = { ...common, securityGroupId: group, referencedSecurityGroupId: group };
    this.#parts.add(SecurityGroupEgressRule, `${this.#network}-${role}-out`, both);
    this.#parts.add(SecurityGroupIngressRule, `${this.#network}-${role}-in`, both);
  }

  /** To the endpoints of these services, as far as the network has them. */
  openServices(role: string, from: Id, endpoints: AwsEndpoints, services: readonly AwsService[]): void {
    for (const service of services) {
      const group = endpoints.groups[service];
      if (group !== undefined) this.open(`${role}-to-${service}`, from, group, 443);
    }
  }
}

/** Which endpoint a permission leads to. */
const permissionServices: Readonly<Partial<Record<AwsPermission, AwsService>>> = {
  key: 'kms',
  events: 'sns',
  functions: 'lambda',
  catalogue: 'glue',
  tables: 'glue',
  secrets: 'secretsmanager',
  api: 'execute-api',
};

export function addLakeGroups(ways: AwsWays, endpoints: AwsEndpoints, hasCrawler: boolean): AwsLakeGroups {
  const databases = {
    lake: ways.group('database-lake', 'The database of the lake'),
    identity: ways.group('database-identity', 'The database of the identity zone'),
  };
  const permission = (name: AwsPermission): Id => {
    const group = ways.group(name, `May reach: ${name}`);
    const service = permissionServices[name];
    const role = name === 'tables' ? 'permitted-tables' : 'permitted';
    if (service !== undefined) ways.openServices(role, group, endpoints, [service]);
    if (name === 'object-store' || name === 'tables')
      ways.openList(`${role}-to-s3`, group, endpoints.storePrefixListId);
    if (name === 'state-lake') ways.open('permitted-to-database-lake', group, databases.lake, 5432);
    if (name === 'state-identity') ways.open('permitted-to-database-identity', group, databases.identity, 5432);
    return group;
  };
  const curation = ways.group('curation', 'Jobs that build tables');
  ways.openAmong('curation-among-itself', curation);
  ways.openList('curation-to-s3', curation, endpoints.storePrefixListId);
  ways.openServices('curation', curation, endpoints, ['glue', 'kms', 'logs', 'sts']);
  const permissions = Object.fromEntries(awsPermissions.map((name) => [name, permission(name)]));
  const groups = { permissions: permissions as unknown as Record<AwsPermission, Id>, databases, curation };
  if (!hasCrawler) return groups;
  const crawler = ways.group('crawler', 'The crawler of data that others put');
  // Glue refuses a connection whose group does not let itself in on every port (AWS Glue, "Setting up network access to data stores").
  ways.openAmong('crawler-among-itself', crawler);
  ways.openList('crawler-to-s3', crawler, endpoints.storePrefixListId);
  return { ...groups, crawler };
}

export function addResearchGroups(ways: AwsWays, endpoints: AwsEndpoints, hasReports: boolean): AwsResearchGroups {
  const workspaces = ways.group('workspaces', 'Workspaces of researchers', { zone: 'tre', classification: 'none' });
  const warehouse = ways.group('warehouse', 'The warehouse');
  ways.open('workspaces-to-warehouse', workspaces, warehouse, 5439);
  ways.openList('workspaces-to-s3', workspaces, endpoints.storePrefixListId);
  ways.openServices('workspaces', workspaces, endpoints, [
    'athena',
    'glue',
    'kms',
    'logs',
    'redshift-data',
    'ssm',
    'ssmmessages',
    'sts',
  ]);
  ways.openList('warehouse-to-s3', warehouse, endpoints.storePrefixListId);
  ways.openServices('warehouse', warehouse, endpoints, ['glue', 'kms', 'logs', 'secretsmanager', 'sts']);
  if (!hasReports) return { workspaces, warehouse };
  const reports = ways.group('reports', 'Reports of Amazon Quick Sight');
  ways.open('reports-to-warehouse', reports, warehouse, 5439);
  // Amazon Quick Sight User Guide, "Configuring the VPC": a group of its interfaces keeps no state.
  ways.openAnswers('warehouse-answers-reports', warehouse, reports);
  return { workspaces, warehouse, reports };
}
