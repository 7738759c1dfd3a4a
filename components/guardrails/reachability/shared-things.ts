import { anyAccount, type Borders, internet } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt } from './input-values';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';

/** What a type lends, and to whom. */
interface Lending {
  /** Names what is lent; the resource itself when absent. */
  readonly from?: string;
  /** Accounts, ARNs of principals, or `all`. */
  readonly to: readonly string[];
}

/** Every type by which something is lent to principals or accounts, without a policy. */
export const lendings: Readonly<Record<string, Lending>> = {
  'aws:cloudwatch/eventPermission:EventPermission': { from: 'eventBusName', to: ['principal'] },
  'aws:ec2/amiLaunchPermission:AmiLaunchPermission': {
    from: 'imageId',
    to: ['accountId', 'group', 'organizationArn', 'organizationalUnitArn'],
  },
  'aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission': { from: 'snapshotId', to: ['accountId'] },
  'aws:ec2/networkInterfacePermission:NetworkInterfacePermission': { from: 'networkInterfaceId', to: ['awsAccountId'] },
  'aws:ec2/vpcEndpointService:VpcEndpointService': { to: ['allowedPrincipals'] },
  'aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple': {
    from: 'vpcEndpointServiceId',
    to: ['principalArn'],
  },
  'aws:kms/grant:Grant': { from: 'keyId', to: ['granteePrincipal', 'retiringPrincipal'] },
  'aws:lakeformation/dataLakeSettings:DataLakeSettings': {
    to: [
      'admins',
      'readOnlyAdmins',
      'externalDataFilteringAllowLists',
      'trustedResourceOwners',
      'createDatabaseDefaultPermissions[].principal',
      'createTableDefaultPermissions[].principal',
    ],
  },
  'aws:lakeformation/permissions:Permissions': { to: ['principal'] },
  'aws:lambda/layerVersionPermission:LayerVersionPermission': { from: 'layerName', to: ['principal'] },
  'aws:ram/principalAssociation:PrincipalAssociation': { from: 'resourceShareArn', to: ['principal'] },
  'aws:ram/resourceShare:ResourceShare': { to: ['principals'] },
  'aws:rds/clusterSnapshot:ClusterSnapshot': { from: 'dbClusterIdentifier', to: ['sharedAccounts'] },
  'aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy': { to: ['sharedAccounts'] },
  'aws:rds/snapshot:Snapshot': { from: 'dbInstanceIdentifier', to: ['sharedAccounts'] },
  'aws:rds/snapshotCopy:SnapshotCopy': { to: ['sharedAccounts'] },
  'aws:redshift/dataShareAuthorization:DataShareAuthorization': { to: ['consumerIdentifier'] },
  'aws:redshift/endpointAuthorization:EndpointAuthorization': { from: 'clusterIdentifier', to: ['account'] },
  'aws:redshiftserverless/endpointAccess:EndpointAccess': { to: ['ownerAccount'] },
};

/** Types that this file asks one by one. */
export const askedApart = [
  'aws:lambda/functionUrl:FunctionUrl',
  'aws:lambda/permission:Permission',
  'aws:s3/bucketAcl:BucketAcl',
  'aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration',
] as const;

const everybody = ['all', '*', 'IAM_ALLOWED_PRINCIPALS'];

/** Ways out by things lent: snapshots, images, shares, grants; functions others may call; buckets opened by ACL. */
export class SharedThings {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
  }

  edges(): readonly Edge[] {
    const [url, permission, acl, website] = askedApart.map((type) => this.#graph.of(type));
    return [
      ...this.#graph.of(...Object.keys(lendings)).flatMap((resource) => this.#lent(resource)),
      ...(url ?? []).flatMap((one) => this.#byUrl(one)),
      ...(permission ?? []).flatMap((one) => this.#byPermission(one)),
      ...(acl ?? []).flatMap((one) => this.#byAcl(one)),
      ...(website ?? []).map((one) =>
        edgeOf(this.#about(one, 'bucket'), internet, [stepOf(one, 'serves objects as pages')], `take ${one.name} out`),
      ),
    ];
  }

  /** The resource that another is about. */
  #about(resource: GraphResource, path: string | undefined): GraphResource {
    const reference = path === undefined ? undefined : textAt(resource.inputs, path);
    if (reference === undefined) return resource;
    return (
      this.#graph.resources.find(
        (one) =>
          one !== resource &&
          one.type !== resource.type &&
          holdsData(one) &&
          this.#graph.find(reference, one.type) === one,
      ) ?? resource
    );
  }

  #lent(resource: GraphResource): readonly Edge[] {
    const { from, to } = lendings[resource.type] as Lending;
    return to.flatMap((path) =>
      textsAt(resource.inputs, path).flatMap((whom) => {
        const place = this.#placeOf(whom);
        if (place === undefined) return [];
        const mend = `take ${path} of ${kindOf(resource)} ${resource.name} out`;
        return [edgeOf(this.#about(resource, from), place, [stepOf(resource, `${path} names ${place}`)], mend)];
      }),
    );
  }

  #placeOf(whom: string): string | undefined {
    if (everybody.includes(whom)) return whom === 'IAM_ALLOWED_PRINCIPALS' ? undefined : anyAccount;
    const organisation = /:organizations::\d+:(?:organization\/)?(o-\w+)/.exec(whom)?.[1];
    if (organisation !== undefined) return this.#borders.isOurOrganisation(organisation) ? undefined : anyAccount;
    if (/^[a-z0-9-]+\.amazonaws\.com$/.test(whom)) return undefined;
    // A role of this stack that is not made yet has no ARN to be read.
    if (this.#graph.find(whom, 'aws:iam/role:Role') !== undefined) return undefined;
    return this.#borders.placeOf(whom);
  }

  #byUrl(url: GraphResource): readonly Edge[] {
    if (textAt(url.inputs, 'authorizationType') === 'AWS_IAM') return [];
    const says = 'authorizationType NONE: whoever knows the address is answered';
    return [
      edgeOf(this.#about(url, 'functionName'), internet, [stepOf(url, says)], `take FunctionUrl ${url.name} out`),
    ];
  }

  #byPermission(permission: GraphResource): readonly Edge[] {
    const { inputs } = permission;
    const principal = textAt(inputs, 'principal') ?? '*';
    const organisation = textAt(inputs, 'principalOrgId');
    const bound = ['sourceAccount', 'sourceArn'].some((path) => {
      const source = textAt(inputs, path);
      return source !== undefined && /[0-9]{12}/.test(source) && this.#borders.placeOf(source) === undefined;
    });
    const isService = principal.endsWith('.amazonaws.com');
    if (isService && bound) return [];
    if (organisation !== undefined && this.#borders.isOurOrganisation(organisation)) return [];
    const place = isService || principal === '*' ? anyAccount : this.#borders.placeOf(principal);
    if (place === undefined) return [];
    const says = `principal ${isService ? principal : place} may invoke it, whoever asks`;
    const mend = `bind Permission ${permission.name} to sourceAccount and sourceArn, or take it out`;
    return [edgeOf(this.#about(permission, 'function'), place, [stepOf(permission, says)], mend)];
  }

  #byAcl(acl: GraphResource): readonly Edge[] {
    const canned = textAt(acl.inputs, 'acl') ?? 'private';
    const open = /^(public|authenticated)/.test(canned);
    const everyone = textsAt(acl.inputs, 'accessControlPolicy.grants[].grantee.uri');
    const owner = textAt(acl.inputs, 'accessControlPolicy.owner.id');
    const others = ['id', 'emailAddress']
      .flatMap((path) => textsAt(acl.inputs, `accessControlPolicy.grants[].grantee.${path}`))
      .filter((id) => id !== owner);
    const from = this.#about(acl, 'bucket');
    const mend = `take BucketAcl ${acl.name} out`;
    return [
      ...(open || everyone.length > 0
        ? [edgeOf(from, internet, [stepOf(acl, 'opens objects to everybody')], mend)]
        : []),
      ...(others.length > 0 ? [edgeOf(from, anyAccount, [stepOf(acl, 'lends objects to another owner')], mend)] : []),
    ];
  }
}

const holdsData = ({ type }: GraphResource): boolean => !(type in lendings) || type.endsWith(':ResourceShare');
