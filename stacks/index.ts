import type { TargetKind } from '../components/core/target';
import { type LakeConfig, pulumiConfig, readConfig } from './config';
import { deployLake, type SiteParts } from './lake';
import { kubernetesSite } from './targets/kubernetes';

const sites = { kubernetes: kubernetesSite } satisfies Record<TargetKind, (config: LakeConfig) => SiteParts>;

const config = readConfig(pulumiConfig());

/** Outputs of the stack. */
export const { baseUrl, tokenUrl, send, namespaces, auditPolicy } = deployLake(config, sites[config.target](config));
