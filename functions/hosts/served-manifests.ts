import { auditSealerManifest, identityAuditSealerManifest } from '../audit/manifest';
import { importManifest } from '../bulk-import/manifest';
import { compactionManifest } from '../compaction/manifest';
import { curateManifest } from '../curate/manifest';
import { dispatchManifest } from '../dispatch/manifest';
import { erasureJobManifest, identityErasureManifest } from '../erasure/manifest';
import { identityManifest, identityRequestsManifest, quarantineReplayManifest } from '../identity/manifest';
import { identityKeyRotationManifest, keyRotationJobManifest } from '../key-rotation/manifest';
import type { Manifest } from '../manifest';
import { martsManifest } from '../marts/manifest';
import { identityOperatorManifest, martSqlManifest, operatorManifest } from '../operator/manifest';
import { identityCollectorManifest, landingCollectorManifest } from '../orphans/manifest';
import { providerAccessManifest } from '../provider-access/manifest';
import { researchJobManifest } from '../research/manifest';

/**
 * The functions of a deployed lake, which each of its hosts serves apart from the others.
 *
 * @param ingest the one of its manifests that fits the host's network
 */
export const servedManifests = (ingest: Manifest): readonly Manifest[] => [
  providerAccessManifest,
  ingest,
  importManifest,
  identityManifest,
  curateManifest,
  dispatchManifest,
  auditSealerManifest,
  identityAuditSealerManifest,
  identityRequestsManifest,
  identityErasureManifest,
  martsManifest,
  erasureJobManifest,
  keyRotationJobManifest,
  identityKeyRotationManifest,
  researchJobManifest,
  compactionManifest,
  landingCollectorManifest,
  identityCollectorManifest,
  operatorManifest,
  martSqlManifest,
  identityOperatorManifest,
  quarantineReplayManifest,
];
