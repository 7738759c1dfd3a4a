import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsAlarms } from './aws-alarms';

/**
 * An alarm for each class of event that somebody has to look at.
 *
 * ```ts
 * new Alarms('alarms', { target, buckets, builders, identityFunctions, providers, logs, topicArn });
 * ```
 */
export class Alarms<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('audit', 'Alarms', builders, name, args, opts);
  }
}

const builders = {
  aws: awsAlarms,
  kubernetes: 'the monitoring of the site raises alarms over the logs that Audit collects',
} satisfies Builders;
