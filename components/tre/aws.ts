import { Instance } from '@pulumi/aws/ec2';
import { InstanceProfile } from '@pulumi/aws/iam';
import { VpcConnection } from '@pulumi/aws/quicksight';
import type { Input, Output } from '@pulumi/pulumi';
import type { AwsStoreHome } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { addRole } from '../core/aws-role';
import { businessIntelligenceStatements, type LookedUpTables, researcherStatements } from '../core/aws-service-grants';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';

/** A research project: its own host, its own role, nothing shared with another. */
export interface AwsProject {
  /** Letters, digits and hyphens. */
  readonly name: string;
  /** A machine image with JupyterLab and the agent of Systems Manager in it: nothing can be fetched from inside. */
  readonly imageId: string;
  readonly instanceType: string;
  /** Of its encrypted disk. */
  readonly diskGigabytes: number;
}

export interface AwsTreArgs extends AwsComponentArgs {
  readonly projects: readonly AwsProject[];
  /** ARN of the marts' access point in the research network: the one way to them. */
  readonly accessPointArn: Input<string>;
  readonly marts: AwsStoreHome;
  /** The catalogue's database of the marts, and the key of the catalogue. */
  readonly tables: LookedUpTables;
  readonly subnetIds: readonly Input<string>[];
  readonly workspaceGroupId: Input<string>;
  /** The key of their disks and sessions. */
  readonly keyArn: Input<string>;
  /** Reports of people who do not write SQL: a way from Amazon Quick Sight to the warehouse, in the network. */
  readonly businessIntelligence?: { readonly securityGroupId: Input<string> };
}

export interface AwsTre {
  readonly kind: 'aws';
  readonly workspaces: Readonly<Record<string, Instance>>;
  /** By project, the role that reads marts for it. */
  readonly readers: Readonly<Record<string, Output<string>>>;
}

/** Name of the role of a project, for the policies of keys, buckets and access points. */
export const awsReaderRole = (project: string): string => `research-${project}`;

/**
 * Workspaces of research projects in their own network: hosts without an address outside, entered by Systems Manager alone, each
 * with a role that reads marts through the access point and writes nothing.
 */
export function awsTre(component: LakeComponent, name: string, args: AwsTreArgs): AwsTre {
  const { target, projects, subnetIds, keyArn } = args;
  const parts = new AwsParts(component, name, args, { zone: 'tre', classification: 'pseudonymised' });
  const workspaces: Record<string, Instance> = {};
  const readers: Record<string, Output<string>> = {};
  for (const [index, project] of projects.entries()) {
    const called = awsReaderRole(project.name);
    const { role, arn, granted } = addRole(parts, {
      name: called,
      service: 'ec2.amazonaws.com',
      statements: researcherStatements(target, args),
    });
    const profile = parts.add(InstanceProfile, `${project.name}-profile`, {
      name: awsName(target, called),
      role: role.name,
    });
    const subnetId = subnetIds[index % subnetIds.length];
    if (subnetId === undefined) throw new RangeError('Workspaces need a subnet of the research network. Give one.');
    workspaces[project.name] = parts.keep(
      Instance,
      `${project.name}-workspace`,
      {
        ami: project.imageId,
        instanceType: project.instanceType,
        iamInstanceProfile: profile.name,
        subnetId,
        vpcSecurityGroupIds: [args.workspaceGroupId],
        associatePublicIpAddress: false,
        disableApiTermination: true,
        monitoring: true,
        ebsOptimized: true,
        // Version 2 alone, and not for containers on the host.
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        rootBlockDevice: {
          encrypted: true,
          kmsKeyId: keyArn,
          volumeType: 'gp3',
          volumeSize: project.diskGigabytes,
          deleteOnTermination: true,
        },
        tags: { Project: project.name },
      },
      { dependsOn: [...granted] },
    );
    readers[project.name] = arn;
  }
  if (args.businessIntelligence !== undefined) {
    const { arn, granted } = addRole(parts, {
      name: 'business-intelligence',
      service: 'quicksight.amazonaws.com',
      statements: businessIntelligenceStatements(),
    });
    parts.add(
      VpcConnection,
      'business-intelligence',
      {
        vpcConnectionId: awsName(target, 'warehouse'),
        name: awsName(target, 'warehouse'),
        roleArn: arn,
        subnetIds: [...subnetIds],
        securityGroupIds: [args.businessIntelligence.securityGroupId],
      },
      { dependsOn: [...granted] },
    );
  }
  parts.complete();
  return { kind: 'aws', workspaces, readers };
}
