import { PolicyPack } from '@pulumi/policy';
import { reachabilityPolicy } from '../reachability/engine-policy';
import { rules } from '../rules';
import { policyOf } from '../rules/engine-policy';

new PolicyPack('nhs-data-lake-guardrails', {
  policies: [...rules.map(policyOf), reachabilityPolicy],
  enforcementLevel: 'mandatory',
});
