import type { Size } from '../components/core/kubernetes-pods';
import { mebibytes, millicores } from '../components/core/units';
import type { Scaling } from '../components/function/function-args';
import type { NetworkZone } from '../components/network/network-args';
import { auditSealerManifest, identityAuditSealerManifest } from '../functions/audit/manifest';
import { importManifest } from '../functions/bulk-import/manifest';
import { compactionManifest } from '../functions/compaction/manifest';
import { curateManifest } from '../functions/curate/manifest';
import { dispatchManifest } from '../functions/dispatch/manifest';
import { erasureJobManifest, identityErasureManifest } from '../functions/erasure/manifest';
import { identityManifest, identityRequestsManifest, quarantineReplayManifest } from '../functions/identity/manifest';
import { ingestManifest } from '../functions/ingest/manifest';
import { identityKeyRotationManifest, keyRotationJobManifest } from '../functions/key-rotation/manifest';
import type { Manifest } from '../functions/manifest';
import { martsManifest } from '../functions/marts/manifest';
import { identityOperatorManifest, martSqlManifest, operatorManifest } from '../functions/operator/manifest';
import { identityCollectorManifest, landingCollectorManifest } from '../functions/orphans/manifest';
import { providerAccessManifest } from '../functions/provider-access/manifest';
import { researchJobManifest } from '../functions/research/manifest';
import type { LakeConfig } from './config';

/** How one function of the lake is run; what it may touch is its manifest's business. */
export interface DeployedFunction {
  readonly manifest: Manifest;
  readonly zone: Extract<NetworkZone, 'lake' | 'identity'>;
  readonly size: Size;
  readonly scaling: Scaling;
  readonly exposed?: boolean;
  readonly callsFunctions?: boolean;
  readonly takesForeignTokens?: boolean;
}

const small: Size = { memory: mebibytes(128), cpu: millicores(50), memoryLimit: mebibytes(384) };

/**
 * Much work. Processor time is what they are promised beside busy neighbours, not where they end; in development little is promised,
 * so that the whole lake finds room on a node of two processors (a pod without room waits until another sleeps).
 */
const busy = ({ environment }: LakeConfig) => {
  const cpu = millicores(environment === 'development' ? 50 : 250);
  return {
    api: { memory: mebibytes(256), cpu, memoryLimit: mebibytes(768) },
    tables: { memory: mebibytes(384), cpu, memoryLimit: mebibytes(1536) },
  } as const satisfies Readonly<Record<string, Size>>;
};

/** They work now and then, and may grow then. */
const seldom: Size = { memory: mebibytes(64), cpu: millicores(25), memoryLimit: mebibytes(384) };
const seldomTables: Size = { memory: mebibytes(128), cpu: millicores(50), memoryLimit: mebibytes(1536) };

/** They wait until a person asks, and keep little of a node for that; what they need then is the limit. */
const asked: Size = { memory: mebibytes(48), cpu: millicores(25), memoryLimit: mebibytes(1536) };

/** Tables have one committer: one pod, which sleeps while nothing happens. */
const oneCommitter: Scaling = { kind: 'requests', fewest: 0, most: 1 };

export const deployedFunctions = (config: LakeConfig): readonly DeployedFunction[] => {
  const { environment, ingestPods, tokenIssuer } = config;
  const { api, tables } = busy(config);
  // A sender in production never waits for a pod to wake.
  const fewest = environment === 'production' ? 1 : 0;
  const ownIssuer: DeployedFunction = {
    manifest: providerAccessManifest,
    zone: 'lake',
    size: small,
    scaling: { kind: 'requests', fewest, most: Math.min(3, ingestPods) },
    exposed: true,
  };
  return [
    ...(tokenIssuer === 'own' ? [ownIssuer] : []),
    {
      manifest: ingestManifest,
      zone: 'lake',
      size: api,
      scaling: { kind: 'requests', fewest, most: ingestPods },
      exposed: true,
      callsFunctions: true,
      takesForeignTokens: tokenIssuer !== 'own',
    },
    { manifest: curateManifest, zone: 'lake', size: tables, scaling: oneCommitter },
    { manifest: dispatchManifest, zone: 'lake', size: small, scaling: { kind: 'beat' }, callsFunctions: true },
    { manifest: auditSealerManifest, zone: 'lake', size: seldom, scaling: { kind: 'beat' } },
    { manifest: identityAuditSealerManifest, zone: 'identity', size: seldom, scaling: { kind: 'beat' } },
    { manifest: martsManifest, zone: 'lake', size: tables, scaling: { kind: 'beat' } },
    { manifest: erasureJobManifest, zone: 'lake', size: asked, scaling: { kind: 'beat' } },
    { manifest: identityErasureManifest, zone: 'identity', size: asked, scaling: oneCommitter },
    { manifest: keyRotationJobManifest, zone: 'lake', size: asked, scaling: { kind: 'beat' } },
    { manifest: identityKeyRotationManifest, zone: 'identity', size: asked, scaling: oneCommitter },
    { manifest: researchJobManifest, zone: 'lake', size: asked, scaling: { kind: 'beat' } },
    { manifest: operatorManifest, zone: 'lake', size: seldom, scaling: { kind: 'desk' } },
    { manifest: identityOperatorManifest, zone: 'identity', size: seldom, scaling: { kind: 'desk' } },
    { manifest: martSqlManifest, zone: 'lake', size: asked, scaling: { kind: 'requests', fewest: 0, most: 1 } },
    // A person asks now and then, one message at a time.
    {
      manifest: quarantineReplayManifest,
      zone: 'identity',
      size: asked,
      scaling: { kind: 'requests', fewest: 0, most: 1 },
    },
    { manifest: compactionManifest, zone: 'lake', size: seldomTables, scaling: { kind: 'schedule' } },
    { manifest: landingCollectorManifest, zone: 'lake', size: seldom, scaling: { kind: 'schedule' } },
    { manifest: identityCollectorManifest, zone: 'identity', size: seldom, scaling: { kind: 'schedule' } },
    { manifest: identityManifest, zone: 'identity', size: tables, scaling: oneCommitter },
    // It keeps nothing between two requests.
    {
      manifest: identityRequestsManifest,
      zone: 'identity',
      size: small,
      scaling: { kind: 'requests', fewest: 0, most: 2 },
    },
    // It opens what was sealed for the identity zone, so it runs there.
    { manifest: importManifest, zone: 'identity', size: api, scaling: { kind: 'beat' } },
  ];
};
