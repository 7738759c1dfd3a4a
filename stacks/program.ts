import type { TargetKind } from '../components/core/target';
import { type AwsLakeOutputs, deployAwsLake } from './aws-lake';
import { type AwsConfig, readAwsConfig } from './aws-settings';
import { type LakeConfig, readConfig } from './config';
import type { ConfigSource } from './config-schema';
import { deployLake, type LakeOutputs, type SiteParts } from './lake';
import { kubernetesSite } from './targets/kubernetes';

export type StackConfig = LakeConfig | AwsConfig;

const sites = { kubernetes: kubernetesSite } satisfies Record<TargetKind, (config: LakeConfig) => SiteParts>;

/** The settings of a stack, by its target. @throws ConfigError with everything that is wrong. */
export const readStackConfig = (source: ConfigSource): StackConfig =>
  source.text('target') === 'aws' ? readAwsConfig(source) : readConfig(source);

/** The program of a stack: its configuration says where, everything else follows. */
export const deployStack = (config: StackConfig): LakeOutputs | AwsLakeOutputs =>
  config.target === 'aws' ? deployAwsLake(config) : deployLake(config, sites[config.target](config));
