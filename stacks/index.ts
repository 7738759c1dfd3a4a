import { pulumiConfig } from './config';
import { deployStack, readStackConfig } from './program';

/** Outputs of the stack: what this module exports, which differs by target. */
Object.assign(exports, deployStack(readStackConfig(pulumiConfig())));
