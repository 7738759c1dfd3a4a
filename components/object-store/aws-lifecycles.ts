import type { Zone } from '../../functions/manifest';
import type { AwsLifecycle } from '../core/aws-bucket';
import type { Classification } from '../core/aws-parts';

/** How long the records of a retention class are kept, in days, where their age alone decides it (functions/privacy). */
export type RetentionDays = Readonly<Record<string, number>>;

interface ZoneStorage {
  readonly classification: Classification;
  readonly lifecycle: readonly AwsLifecycle[];
  readonly abortDays: number;
}

const earlierVersions = (noncurrentDays: number): AwsLifecycle => ({ id: 'earlier-versions', noncurrentDays });
/** Reads stay immediate in every tier that is not asked for by name (S3 User Guide, "How S3 Intelligent-Tiering works"). */
const tiered = (days: number): AwsLifecycle => ({
  id: 'tiering',
  transitions: [{ days, storageClass: 'INTELLIGENT_TIERING' }],
});
/** Read seldom and at once. */
const archived: AwsLifecycle = { id: 'archive', transitions: [{ days: 90, storageClass: 'GLACIER_IR' }] };

/**
 * What becomes of each zone's objects. Earlier versions guard against a mistake for a month; erasure purges them itself and
 * does not wait. Uploads that were taken over go after a week.
 */
export const zoneStorage: Readonly<Record<Zone, ZoneStorage>> = {
  landing: { classification: 'pseudonymised', lifecycle: [tiered(30), earlierVersions(35)], abortDays: 7 },
  identity: { classification: 'identifiable', lifecycle: [tiered(30), earlierVersions(35)], abortDays: 7 },
  inbox: {
    classification: 'identifiable',
    lifecycle: [{ id: 'uploads', expireDays: 7, noncurrentDays: 1 }],
    abortDays: 1,
  },
  curated: { classification: 'pseudonymised', lifecycle: [tiered(30), earlierVersions(35)], abortDays: 7 },
  marts: { classification: 'pseudonymised', lifecycle: [tiered(30), earlierVersions(35)], abortDays: 7 },
  audit: { classification: 'audit', lifecycle: [archived], abortDays: 7 },
  witness: { classification: 'audit', lifecycle: [archived], abortDays: 7 },
  releases: { classification: 'pseudonymised', lifecycle: [tiered(30), earlierVersions(35)], abortDays: 7 },
};

/** S3 takes a thousand rules a bucket. */
const mostRules = 1000;

/**
 * Expiry by retention class: segments lie under `PROVIDER/CLASS/` (functions/ingest/group-commit.ts), and a rule holds a
 * prefix. Only for classes whose period age alone decides; those that end with treatment or death are the erasure's.
 */
export function expiryRules(providers: readonly string[], retention: RetentionDays): readonly AwsLifecycle[] {
  const rules = providers.flatMap((provider) =>
    Object.entries(retention).map(([name, expireDays]) => ({
      id: `${provider}-${name}`,
      prefix: `${provider}/${name}/`,
      expireDays,
    })),
  );
  if (rules.length > mostRules - 10)
    throw new RangeError(
      'retention: providers times classes exceed the thousand rules of a bucket. Leave expiry to the erasure.',
    );
  return rules;
}
