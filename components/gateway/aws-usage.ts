import { ApiKey, type RestApi, type Stage, UsagePlan, UsagePlanKey } from '@pulumi/aws/apigateway';
import type { Input } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';

/** A provider whose requests are counted, and how many were agreed. */
export interface MeteredProvider {
  /** Of the plan and the key; never a person's. */
  readonly name: string;
  /** As the authoriser names it (functions/provider-access/usage-key.ts). */
  readonly usageKey: Input<string>;
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly requestsPerDay: number;
}

interface Metering {
  readonly metered: readonly MeteredProvider[];
}

/** A usage plan for each provider. The key is no secret: the authoriser names it once a token proved who is asking. */
export function addUsage(parts: AwsParts, { metered }: Metering, api: RestApi, stage: Stage): void {
  for (const { name, usageKey, requestsPerSecond, burst, requestsPerDay } of metered) {
    const called = awsName(parts.target, 'usage', name);
    const plan = parts.add(UsagePlan, `usage-${name}`, {
      name: called,
      apiStages: [{ apiId: api.id, stage: stage.stageName }],
      throttleSettings: { rateLimit: requestsPerSecond, burstLimit: burst },
      quotaSettings: { limit: requestsPerDay, period: 'DAY' },
    });
    const key = parts.add(ApiKey, `usage-${name}-key`, { name: called, value: usageKey });
    parts.add(UsagePlanKey, `usage-${name}-plan-key`, { keyId: key.id, keyType: 'API_KEY', usagePlanId: plan.id });
  }
}
