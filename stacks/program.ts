import type { TargetKind } from '../components/core/target';
import { type AwsLakeOutputs, deployAwsLake } from './aws-lake';
import { type AwsConfig, readAwsConfig } from './aws-settings';
import { type LakeConfig, readConfig } from './config';
import type { ConfigSource } from './config-schema';
import { deployLake, type LakeOutputs } from './lake';
import { kubernetesSite } from './targets/kubernetes';

export type StackConfig = LakeConfig | AwsConfig;

const readers = { aws: readAwsConfig, kubernetes: readConfig } satisfies Record<
  TargetKind,
  (source: ConfigSource) => StackConfig
>;
const isTarget = (kind: string | undefined): kind is TargetKind => kind !== undefined && Object.hasOwn(readers, kind);

/** The settings of a stack, by its target. @throws ConfigError with everything that is wrong. */
export function readStackConfig(source: ConfigSource): StackConfig {
  const kind = source.text('target');
  // Kubernetes is the default; its reader refuses a target that is none.
  return readers[isTarget(kind) ? kind : 'kubernetes'](source);
}

/** The program of a stack: its configuration says where, everything else follows. */
export function deployStack(config: StackConfig): LakeOutputs | Promise<AwsLakeOutputs> {
  switch (config.target) {
    case 'aws':
      return deployAwsLake(config);
    case 'kubernetes':
      return deployLake(config, kubernetesSite(config));
  }
}
