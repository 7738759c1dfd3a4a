import { pulumiConfig, readConfig } from './config';
import { deployStack } from './program';

/** Outputs of the stack. */
export const { baseUrl, tokenUrl, send, namespaces, auditPolicy } = deployStack(readConfig(pulumiConfig()));
