import { type Mebibytes, mebibytes } from '../components/core/units';
import { auditSealerManifest, identityAuditSealerManifest } from '../functions/audit/manifest';
import { importManifest } from '../functions/bulk-import/manifest';
import { compactionManifest } from '../functions/compaction/manifest';
import { curateManifest } from '../functions/curate/manifest';
import { dispatchManifest } from '../functions/dispatch/manifest';
import { erasureJobManifest, identityErasureManifest } from '../functions/erasure/manifest';
import { identityManifest, identityRequestsManifest, quarantineReplayManifest } from '../functions/identity/manifest';
import { isolatedIngestManifest } from '../functions/ingest/manifest';
import { identityKeyRotationManifest, keyRotationJobManifest } from '../functions/key-rotation/manifest';
import type { Manifest } from '../functions/manifest';
import { martsManifest } from '../functions/marts/manifest';
import {
  identityOperatorManifest,
  martSqlManifest,
  operatorAccount,
  operatorManifest,
  people,
} from '../functions/operator/manifest';
import { identityCollectorManifest, landingCollectorManifest } from '../functions/orphans/manifest';
import { authoriserManifest, providerAccessManifest } from '../functions/provider-access/manifest';
import { researchJobManifest } from '../functions/research/manifest';
import type { AwsConfig } from './aws-settings';

/** How one function is run on Lambda; what it may touch is its manifest's business. */
export interface AwsDeployedFunction {
  readonly manifest: Manifest;
  readonly zone: 'lake' | 'identity';
  readonly memory: Mebibytes;
  /** Seconds. */
  readonly timeout: number;
  /** Instances at once. */
  readonly concurrency: number;
  readonly trigger: /** `requests`: other functions of this list that use it. */
    | { readonly kind: 'gateway' | 'invocation' }
    | { readonly kind: 'requests' }
    | { readonly kind: 'queue'; readonly topic: string }
    | { readonly kind: 'schedule'; readonly expression: string };
  /** Brings the query engine, and room for its files. */
  readonly engine?: true;
}

/** A gateway waits 29 seconds and no longer. */
const gatewayTimeout = 29;
/**
 * API Gateway's quotas name no limit for the authoriser of a REST API, and 10 seconds for that of an HTTP API ("Timeout for Lambda
 * authorizer response"): half of them, in which one call that stays silent is tried again (functions/hosts/aws-lambda/authorise.ts).
 */
const authoriserTimeout = 5;
/** The steady rounds of a beat fill the time until the next (functions/hosts/aws-lambda/steady-beat.ts). */
const everyMinute = {
  trigger: { kind: 'schedule', expression: 'rate(1 minute)' },
  timeout: 60,
  concurrency: 1,
} as const;
/** A queue of jobs is looked into; what takes longer is gone on with by the next beat. */
const everyMinuteForLong = {
  trigger: { kind: 'schedule', expression: 'rate(1 minute)' },
  timeout: 900,
} as const;
/** What has hours for its work. */
const everyFiveMinutes = {
  trigger: { kind: 'schedule', expression: 'rate(5 minutes)' },
  timeout: 900,
  concurrency: 1,
} as const;
/** People wait no longer for an answer. */
const desk = { timeout: 300, concurrency: 5, trigger: { kind: 'requests' } } as const;
/** Tables have one committer; an invocation may last as long as Lambda lets it. */
const oneCommitter = { timeout: 900, concurrency: 1, engine: true, memory: mebibytes(3008) } as const;

const everyFunction = ({ ingestInstances }: Pick<AwsConfig, 'ingestInstances'>): readonly AwsDeployedFunction[] => [
  {
    manifest: providerAccessManifest,
    zone: 'lake',
    memory: mebibytes(512),
    timeout: gatewayTimeout,
    concurrency: Math.max(2, Math.ceil(ingestInstances / 4)),
    trigger: { kind: 'gateway' },
  },
  {
    manifest: authoriserManifest,
    zone: 'lake',
    memory: mebibytes(512),
    timeout: authoriserTimeout,
    concurrency: ingestInstances,
    trigger: { kind: 'invocation' },
  },
  {
    manifest: isolatedIngestManifest,
    zone: 'lake',
    memory: mebibytes(1769),
    timeout: gatewayTimeout,
    concurrency: ingestInstances,
    trigger: { kind: 'gateway' },
  },
  { manifest: curateManifest, zone: 'lake', ...oneCommitter, trigger: { kind: 'queue', topic: 'landed.clinical' } },
  { manifest: dispatchManifest, zone: 'lake', memory: mebibytes(256), ...everyMinute },
  { manifest: auditSealerManifest, zone: 'lake', memory: mebibytes(512), ...everyMinute },
  { manifest: identityAuditSealerManifest, zone: 'identity', memory: mebibytes(512), ...everyMinute },
  {
    manifest: identityManifest,
    zone: 'identity',
    ...oneCommitter,
    trigger: { kind: 'queue', topic: 'landed.identity' },
  },
  {
    manifest: importManifest,
    zone: 'identity',
    memory: mebibytes(1769),
    ...everyMinuteForLong,
    concurrency: 2,
  },
  {
    manifest: identityRequestsManifest,
    zone: 'identity',
    memory: mebibytes(1024),
    timeout: 120,
    concurrency: 2,
    trigger: { kind: 'requests' },
  },
  { manifest: identityErasureManifest, zone: 'identity', ...oneCommitter, trigger: { kind: 'requests' } },
  { manifest: martsManifest, zone: 'lake', ...oneCommitter, ...everyMinuteForLong },
  { manifest: erasureJobManifest, zone: 'lake', ...oneCommitter, ...everyMinuteForLong },
  // Begun and gone on with by the same queue; a whole lake takes many invocations.
  { manifest: keyRotationJobManifest, zone: 'lake', ...oneCommitter, ...everyMinuteForLong },
  { manifest: identityKeyRotationManifest, zone: 'identity', ...oneCommitter, trigger: { kind: 'requests' } },
  // A person asks for an extract now and then.
  { manifest: researchJobManifest, zone: 'lake', ...oneCommitter, ...everyMinuteForLong },
  { manifest: compactionManifest, zone: 'lake', ...oneCommitter, ...everyFiveMinutes },
  { manifest: landingCollectorManifest, zone: 'lake', memory: mebibytes(512), ...everyFiveMinutes },
  { manifest: identityCollectorManifest, zone: 'identity', memory: mebibytes(512), ...everyFiveMinutes },
  { manifest: operatorManifest, zone: 'lake', memory: mebibytes(512), ...desk },
  { manifest: identityOperatorManifest, zone: 'identity', memory: mebibytes(1024), ...desk },
  { manifest: martSqlManifest, zone: 'lake', ...oneCommitter, timeout: 120, trigger: { kind: 'requests' } },
  {
    manifest: quarantineReplayManifest,
    zone: 'identity',
    memory: mebibytes(1769),
    timeout: 120,
    concurrency: 1,
    trigger: { kind: 'requests' },
  },
];

/** The functions of a lake on AWS; its own issuer is one of them unless another gives tokens. */
export const awsFunctions = (
  config: Pick<AwsConfig, 'ingestInstances' | 'tokenIssuer'>,
): readonly AwsDeployedFunction[] =>
  everyFunction(config).filter(
    ({ manifest }) => config.tokenIssuer === 'own' || manifest.name !== providerAccessManifest.name,
  );

/** Functions that answer people. */
export const desksOf = (functions: readonly AwsDeployedFunction[]): readonly string[] =>
  functions
    .filter(({ manifest: { trigger } }) => trigger.kind === 'request' && Object.hasOwn(trigger.from, people))
    .map(({ manifest }) => manifest.name);

/** Who asks the function that is named: others of these, and people where it is theirs. */
export const callersOf = (
  functions: readonly AwsDeployedFunction[],
  name: string,
  operators: readonly string[],
): readonly string[] => [
  ...functions
    .filter(({ manifest }) => Object.values(manifest.uses).some((use) => use.port === 'requests' && use.to === name))
    .map(({ manifest }) => manifest.name),
  ...(desksOf(functions).includes(name) ? operators.map(operatorAccount) : []),
];
