import { kubernetesPlaceRules } from './kubernetes-places';
import { kubernetesPodRules } from './kubernetes-pods';
import type { Rule } from './rule';

/** Every guard rail there is. */
export const rules: readonly Rule[] = [...kubernetesPlaceRules, ...kubernetesPodRules];
