import { pulumiConfig } from './config';
import { deployStack, readStackConfig } from './program';

/** The program. What it gives are the outputs of the stack, which differ by target. */
export const deploy = () => deployStack(readStackConfig(pulumiConfig()));
