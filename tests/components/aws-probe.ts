import { type AwsPermission, awsPermissions } from '../../components/core/aws-reach';
import type { AwsTarget } from '../../components/core/aws-target';
import { LakeComponent } from '../../components/core/lake-component';
import type { AwsFunctionArgs, AwsFunctionNetwork } from '../../components/function/aws';
import { kindOf, type Mode, type Recorded, record } from '../support/pulumi-mocks';
import { account } from './aws-account';

class Probe extends LakeComponent {
  constructor(build: (component: LakeComponent, target: AwsTarget) => void) {
    super('probe', 'Probe', 'probe');
    build(this, account());
  }
}

/** What a builder makes, under a component of its own. */
export const recordBuilder = (mode: Mode, build: (component: LakeComponent, target: AwsTarget) => void) =>
  record(mode, () => void new Probe(build));

/** The parts of the component, without the provider of the target. */
export const partsOf = (recorded: readonly Recorded[]): readonly Recorded[] =>
  recorded.filter(({ custom, type }) => custom && type !== 'pulumi:providers:aws');

export const kindsOf = (recorded: readonly Recorded[], begins = ''): readonly string[] =>
  partsOf(recorded)
    .filter(({ name }) => name.startsWith(begins))
    .map((one) => `${kindOf(one)} ${one.name}`)
    .sort();

const keyArn = (id: string): string => `arn:aws:kms:eu-west-2:123456789012:key/${id}`;

export const functionNetwork: AwsFunctionNetwork = {
  subnetIds: ['subnet-a', 'subnet-b'],
  groups: Object.fromEntries(awsPermissions.map((one) => [one, `sg-${one}`])) as Record<AwsPermission, string>,
};

/** What every function of a test has in common. */
export const functionSettings = {
  network: functionNetwork,
  keys: { environmentArn: keyArn('environment'), logArn: keyArn('logs'), queueArn: keyArn('events') },
  logRetentionDays: 365,
  alarmTopicArn: 'arn:aws:sns:eu-west-2:123456789012:alarms',
} as const satisfies Partial<AwsFunctionArgs>;
