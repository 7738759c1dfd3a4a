import { textAt } from '../../../components/guardrails/reachability/input-values';
import { kindOf, type Recorded } from '../../support/pulumi-mocks';

export interface PolicyText {
  readonly Version?: string;
  readonly Statement: readonly StatementText[];
}
export interface StatementText {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface RolePolicies {
  readonly arn: string;
  readonly trust: PolicyText;
  readonly identity: PolicyText;
}

/** The policies of an account, as they would be in force: each can be replaced, to see what it alone held. */
export interface AccountPolicies {
  /** By name. */
  readonly roles: ReadonlyMap<string, RolePolicies>;
  /** Of buckets, keys, topics, queues, aliases of functions and roles (who may take them), by ARN. */
  readonly resources: ReadonlyMap<string, PolicyText>;
  /** Of the endpoints of a network, by service. */
  readonly endpoints: ReadonlyMap<string, PolicyText>;
  /** The endpoint by which the lake's functions come to S3. */
  readonly storeEndpoint: string;
  /** What the organisation lays over every role of the lake, and over every principal of the account. */
  readonly boundary: PolicyText;
  readonly organisation: PolicyText;
}

const parsed = (value: unknown): PolicyText => JSON.parse(String(value)) as PolicyText;
const nothing: PolicyText = { Version: '2012-10-17', Statement: [] };

const arnOf = ({ id, outputs }: Recorded): string => String(outputs.arn ?? id);

/** Reads roles and resource policies from what a program registered. */
export function policiesOf(
  recorded: readonly Recorded[],
  others: Pick<AccountPolicies, 'boundary' | 'organisation'>,
): AccountPolicies {
  const of = (kind: string) => recorded.filter((one) => one.type.startsWith('aws:') && kindOf(one) === kind);
  const policies = new Map(of('Policy').map((one) => [arnOf(one), parsed(one.inputs.policy)]));
  const attached = new Map(
    of('RolePolicyAttachment').map(({ inputs }) => [String(inputs.role), policies.get(String(inputs.policyArn))]),
  );
  const roles = of('Role').map((one): [string, RolePolicies] => {
    const name = String(one.inputs.name);
    return [
      name,
      { arn: arnOf(one), trust: parsed(one.inputs.assumeRolePolicy), identity: attached.get(name) ?? nothing },
    ];
  });
  const queueOf = new Map(of('Queue').map((one) => [textAt(one.outputs, 'url'), arnOf(one)]));
  const resources: [string, PolicyText][] = [
    ...of('BucketPolicy').map(({ inputs }): [string, PolicyText] => [
      `arn:aws:s3:::${String(inputs.bucket)}`,
      parsed(inputs.policy),
    ]),
    ...of('Key').map((one): [string, PolicyText] => [arnOf(one), parsed(one.inputs.policy)]),
    ...of('TopicPolicy').map(({ inputs }): [string, PolicyText] => [String(inputs.arn), parsed(inputs.policy)]),
    ...of('QueuePolicy').map(({ inputs }): [string, PolicyText] => [
      queueOf.get(String(inputs.queueUrl)) ?? String(inputs.queueUrl),
      parsed(inputs.policy),
    ]),
  ];
  // Only what is asked by other functions has a policy of its own.
  const asked = of('ResourcePolicy')
    .filter(({ type }) => type.startsWith('aws:lambda/'))
    .map(({ inputs }): [string, PolicyText] => [String(inputs.resourceArn), parsed(inputs.policy)]);
  const trusts = roles.map(([, { arn, trust }]): [string, PolicyText] => [arn, trust]);
  const ways = of('VpcEndpoint').filter(({ name }) => name.includes('-lake-endpoint-'));
  const serviceOf = ({ inputs }: Recorded): string => String(inputs.serviceName).replace(/^.*\./, '');
  const endpoints = new Map(ways.map((one) => [serviceOf(one), parsed(one.inputs.policy)]));
  const storeEndpoint = ways.find((one) => serviceOf(one) === 's3')?.id ?? '';
  return {
    ...others,
    endpoints,
    storeEndpoint,
    roles: new Map(roles),
    resources: new Map([...resources, ...asked, ...trusts]),
  };
}
