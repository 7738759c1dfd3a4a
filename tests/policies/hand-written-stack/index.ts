import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import { functions } from './functions';
import { networks } from './networks';
import { stores } from './stores';

/**
 * A lake on AWS as the reference says it must be, written by hand in the inputs of the provider and apart from our
 * components: what the solver must not raise an alarm about, and what the planted leaks change.
 */
export const handWrittenStack: readonly GraphResource[] = [...networks, ...stores, ...functions];
