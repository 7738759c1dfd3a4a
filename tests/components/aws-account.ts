import type { Input } from '@pulumi/pulumi';
import type { AwsHomes } from '../../components/core/aws-homes';
import { type AwsPlace, type AwsTarget, awsBucketName, awsTarget } from '../../components/core/aws-target';
import { keyNames, type Zone, zones } from '../../functions/manifest';
import { madeUpAccount } from '../../stacks/commands/made-up-outputs';
import type { Recorded } from '../support/pulumi-mocks';

export const place: AwsPlace = {
  accountId: madeUpAccount,
  region: 'eu-west-2',
  zones: ['eu-west-2a', 'eu-west-2b'],
  name: 'lake',
  stack: 'test',
  owner: 'platform-team',
  costCentre: 'NHS-1',
  environment: 'production',
  deployers: ['arn:aws:iam::123456789012:role/lake-deploy'],
  breakGlass: ['arn:aws:iam::123456789012:role/lake-break-glass'],
  boundary: 'arn:aws:iam::123456789012:policy/lake-boundary',
};

/** Made inside the program that is recorded: a target brings its provider. */
export const account = (changes: Partial<AwsPlace> = {}): AwsTarget => awsTarget({ ...place, ...changes });

const keyArn = (id: string): string => `arn:aws:kms:eu-west-2:123456789012:key/${id}`;

/** Homes as the components of the first half would give them. */
export const homesOf = (target: AwsTarget): AwsHomes => {
  const stateHome = (name: string) => ({
    host: `${name}.cluster-x.eu-west-2.rds.amazonaws.com`,
    port: 5432,
    database: name,
    resourceId: `cluster-${name.toUpperCase()}`,
    secretArn: `arn:aws:secretsmanager:eu-west-2:123456789012:secret:rds!${name}`,
    secretKeyArn: keyArn(`secret-${name}`),
  });
  const topic = (name: string) => ({
    topicArn: `arn:aws:sns:eu-west-2:123456789012:lake-test-${name}`,
    keyArn: keyArn('events'),
  });
  return {
    stores: Object.fromEntries(
      zones.map((zone) => [zone, { bucket: awsBucketName(target, zone), keyArn: keyArn(`store-${zone}`) }]),
    ) as unknown as Record<Zone, { bucket: string; keyArn: Input<string> }>,
    keys: Object.fromEntries(keyNames.map((name) => [name, [keyArn(name)]])) as unknown as AwsHomes['keys'],
    state: { lake: stateHome('lake'), identity: stateHome('identity') },
    topics: { 'landed.identity': topic('landed-identity'), 'landed.clinical': topic('landed-clinical') },
  };
};

/** Types of what was recorded, each with its number. */
export function countsOf(recorded: readonly Recorded[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { type } of recorded) {
    const short = type.replace(/^aws:([^/]+)\/[^:]+:/, 'aws:$1:');
    counts.set(short, (counts.get(short) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The text of a policy as it would be sent. */
export interface PolicyDocument {
  readonly Statement: readonly {
    readonly Sid?: string;
    readonly Effect: string;
    readonly Principal?: unknown;
    readonly Action: string | readonly string[];
    readonly Resource?: string | readonly string[];
    readonly NotResource?: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }[];
}

export const policyOf = (text: unknown): PolicyDocument => JSON.parse(String(text)) as PolicyDocument;

/** Nothing recorded may hold what was not known when a text was put together. */
export const undefinedTexts = (recorded: readonly Recorded[]): readonly string[] =>
  recorded
    .filter(({ inputs }) => /undefined|\[object Object\]|Calling \[toString\]/.test(JSON.stringify(inputs)))
    .map(({ name }) => name);
