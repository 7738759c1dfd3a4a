import { awsAccount, awsType } from './aws-types';
import { isSet, kindOf, listAt, textAt, textsAt } from './guarded-resource';
import { type Rule, unless } from './rule';

/** Regions in the United Kingdom (AWS Global Infrastructure). */
const ukRegions = ['eu-west-2'];

/** What holds data or opens it: its loss is a loss of data. */
const stateful = [
  awsType('s3', 'Bucket'),
  awsType('kms', 'Key'),
  awsType('rds', 'Cluster'),
  awsType('redshiftserverless', 'Namespace'),
  awsType('cognito', 'UserPool'),
  awsType('backup', 'Vault'),
];

const taggable = [
  ...stateful,
  ...['Vpc', 'Subnet', 'RouteTable', 'VpcEndpoint', 'SecurityGroup'].map((kind) => awsType('ec2', kind)),
  awsType('lambda', 'Function'),
  awsType('sns', 'Topic'),
  awsType('sqs', 'Queue'),
  awsType('iam', 'Role'),
  awsType('cloudwatch', 'LogGroup'),
  awsType('apigateway', 'RestApi'),
  awsType('sfn', 'StateMachine'),
  awsType('redshiftserverless', 'Workgroup'),
  awsType('emrserverless', 'Application'),
];
const tags = ['Application', 'Owner', 'CostCentre', 'Environment', 'Zone', 'Classification'];

/** Where a resource is, and where it has itself copied to. */
const regionsOf = (props: unknown): readonly string[] => [
  ...textsAt(props, 'region'),
  ...listAt(props, 'replicas').flatMap((replica) => textsAt(replica, 'region')),
  ...listAt(props, 'rules')
    .flatMap((rule) => listAt(rule, 'copyActions'))
    .flatMap((copy) => textAt(copy, 'destinationVaultArn').split(':')[3] ?? []),
];

/** Regions of what its inputs name, at any depth: events, logs and messages go to wherever an ARN says. */
function namedRegions(value: unknown): readonly string[] {
  if (typeof value === 'string')
    return /^arn:aws[\w-]*:[\w-]+:([a-z]{2}(?:-[a-z]+)+-[0-9]):\S+$/.exec(value)?.slice(1) ?? [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namedRegions) : [];
}

const isAbroad = (region: string): boolean => !ukRegions.includes(region);

/** Where things are, whose they are, and that they stay. */
export const awsPlacementRules: readonly Rule[] = [
  {
    id: 'uk-resident',
    title: 'Everything is in the United Kingdom',
    references: ['NCSC 2', 'CAF B3.a', 'SATRE 2.5.01', 'SATRE 3.1.01'],
    types: [awsAccount, 'aws:*'],
    property:
      'region of the provider and of each resource; of replicas, of copies of backups and of every ARN it names',
    concerns: ({ type, props }) =>
      type === awsAccount || regionsOf(props).length > 0 || namedRegions(props).some(isAbroad),
    wrong: ({ type, props }) =>
      unless(
        (type !== awsAccount || regionsOf(props).length > 0) &&
          ![...regionsOf(props), ...namedRegions(props)].some(isAbroad),
        `It is outside the United Kingdom, or hands something there. Allowed: ${ukRegions.join(', ')}.`,
      ),
  },
  {
    id: 's3-copies-in-uk',
    title: 'No bucket is copied to another place',
    references: ['NCSC 2', 'NCSC 11', 'CAF B3.a', 'CAF B3.c', 'SATRE 3.1.12'],
    types: [awsType('s3', 'Bucket')],
    property: 'BucketReplicationConfiguration, BucketReplicationConfig: none',
    stack: true,
    wrong: (bucket, graph) =>
      unless(
        [awsType('s3', 'BucketReplicationConfig'), awsType('s3', 'BucketReplicationConfiguration')].every(
          (type) => graph.beside(bucket, type, 'bucket').length === 0,
        ),
        'The bucket is copied elsewhere: erasure and residency would not hold there. Use the backup of the lake.',
      ),
  },
  {
    id: 'tagged',
    title: 'Every resource says whose it is, which zone it belongs to and what data it holds',
    references: ['NCSC 5', 'CAF A3.a', 'CAF B3.a', 'SATRE 2.3.01', 'SATRE 3.1.03'],
    types: taggable,
    property: `tags ${tags.join(', ')}`,
    wrong: ({ props }) =>
      unless(
        tags.every((tag) => isSet(textAt(props, `tags.${tag}`))),
        'The resource does not say whose it is or what it holds. Make it with AwsParts, which tags it.',
      ),
  },
  {
    id: 'stateful-protected',
    title: 'What holds data or opens it is not deleted by a deployment',
    references: ['NCSC 2', 'NCSC 12', 'CAF B5.c', 'CAF B4.b', 'SATRE 2.4.05'],
    types: stateful,
    property: 'the option protect',
    wrong: (resource) =>
      unless(
        resource.protect === true,
        `A deployment may delete or replace this ${kindOf(resource)}. Make it with the option protect.`,
      ),
  },
];
