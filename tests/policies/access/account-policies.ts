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
  /** Of the endpoints of both networks: `lake s3`, `tre kms`. */
  readonly endpoints: ReadonlyMap<string, PolicyText>;
  /** The endpoints by which each network comes to S3. */
  readonly storeEndpoints: ReadonlyMap<string, string>;
  /** What the organisation lays over every role of the lake, and over every principal of the account. */
  readonly boundary: PolicyText;
  readonly organisation: PolicyText;
}

const parsed = (value: unknown): PolicyText => JSON.parse(String(value)) as PolicyText;
/** What AWS maintains for its own services stands in no stack: everything, so that the zones have to hold by themselves. */
export const everything: PolicyText = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

const arnOf = ({ id, outputs }: Recorded): string => String(outputs.arn ?? id);

/** Reads roles and resource policies from what a program registered. */
export function policiesOf(
  recorded: readonly Recorded[],
  others: Pick<AccountPolicies, 'boundary' | 'organisation'>,
): AccountPolicies {
  const of = (kind: string) => recorded.filter((one) => one.type.startsWith('aws:') && kindOf(one) === kind);
  const policies = new Map(of('Policy').map((one) => [arnOf(one), parsed(one.inputs.policy)]));
  const attached = Map.groupBy(of('RolePolicyAttachment'), ({ inputs }) => String(inputs.role));
  const identityOf = (name: string): PolicyText => ({
    Version: '2012-10-17',
    Statement: (attached.get(name) ?? []).flatMap(({ inputs }) => {
      const arn = String(inputs.policyArn);
      const known = arn.startsWith('arn:aws:iam::aws:') ? everything : policies.get(arn);
      if (known === undefined) throw new Error(`${name}: its policy was not recorded.`);
      return known.Statement;
    }),
  });
  const roles = of('Role').map((one): [string, RolePolicies] => {
    const name = String(one.inputs.name);
    return [name, { arn: arnOf(one), trust: parsed(one.inputs.assumeRolePolicy), identity: identityOf(name) }];
  });
  const queueOf = new Map(of('Queue').map((one) => [textAt(one.outputs, 'url'), arnOf(one)]));
  const vaultOf = new Map(of('Vault').map((one) => [textAt(one.outputs, 'name'), arnOf(one)]));
  const resources: [string, PolicyText][] = [
    ...of('BucketPolicy').map(({ inputs }): [string, PolicyText] => [
      `arn:aws:s3:::${String(inputs.bucket)}`,
      parsed(inputs.policy),
    ]),
    ...of('Key').map((one): [string, PolicyText] => [arnOf(one), parsed(one.inputs.policy)]),
    ...of('AccessPoint').map((one): [string, PolicyText] => [arnOf(one), parsed(one.inputs.policy)]),
    ...of('VaultPolicy').map(({ inputs }): [string, PolicyText] => [
      vaultOf.get(String(inputs.backupVaultName)) ?? String(inputs.backupVaultName),
      parsed(inputs.policy),
    ]),
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
  // `network-lake-endpoint-s3` in every program of ours.
  const ways = of('VpcEndpoint').flatMap((one): readonly [string, Recorded][] => {
    const [, network, service] = /-(lake|tre)-endpoint-([a-z0-9-]+)$/.exec(one.name) ?? [];
    return network === undefined ? [] : [[`${network} ${service}`, one]];
  });
  const endpoints = new Map(ways.map(([way, one]) => [way, parsed(one.inputs.policy)]));
  const storeEndpoints = new Map(
    ways.flatMap(([way, { id }]) => (way.endsWith(' s3') ? [[way.replace(' s3', ''), id] as const] : [])),
  );
  return {
    ...others,
    endpoints,
    storeEndpoints,
    roles: new Map(roles),
    resources: new Map([...resources, ...asked, ...trusts]),
  };
}
