import type { TargetKind } from '../components/core/target';
import type { LakeConfig } from './config';
import { deployLake, type LakeOutputs, type SiteParts } from './lake';
import { kubernetesSite } from './targets/kubernetes';

const sites = { kubernetes: kubernetesSite } satisfies Record<TargetKind, (config: LakeConfig) => SiteParts>;

/** The program of a stack: its configuration says where, everything else follows. */
export const deployStack = (config: LakeConfig): LakeOutputs => deployLake(config, sites[config.target](config));
