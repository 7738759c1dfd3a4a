import { auditSealerManifest, identityAuditSealerManifest } from '../../audit/manifest';
import { backupManifest } from '../../backup/manifest';
import { importManifest } from '../../bulk-import/manifest';
import { compactionManifest } from '../../compaction/manifest';
import { curateManifest } from '../../curate/manifest';
import { dispatchManifest } from '../../dispatch/manifest';
import { erasureJobManifest, identityErasureManifest } from '../../erasure/manifest';
import { identityManifest, identityRequestsManifest, quarantineReplayManifest } from '../../identity/manifest';
import { ingestManifest } from '../../ingest/manifest';
import { identityKeyRotationManifest, keyRotationJobManifest } from '../../key-rotation/manifest';
import { logCollectorManifest } from '../../log-collector/manifest';
import type { Manifest } from '../../manifest';
import { martsManifest } from '../../marts/manifest';
import { identityOperatorManifest, martSqlManifest, operatorManifest } from '../../operator/manifest';
import { identityCollectorManifest, landingCollectorManifest } from '../../orphans/manifest';
import { providerAccessManifest } from '../../provider-access/manifest';
import { researchJobManifest } from '../../research/manifest';
import { sparkManifest } from '../../spark/manifest';
import { readerManifests } from '../../warehouse/manifest';

/** What is not code of ours and has a login of the object store all the same. */
export const companionManifests: readonly Manifest[] = [
  ...readerManifests,
  logCollectorManifest,
  backupManifest,
  sparkManifest,
];

/** The functions this host serves, each as a process of its own. */
export const knativeManifests: readonly Manifest[] = [
  providerAccessManifest,
  ingestManifest,
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
  operatorManifest,
  martSqlManifest,
  identityOperatorManifest,
  quarantineReplayManifest,
  compactionManifest,
  landingCollectorManifest,
  identityCollectorManifest,
];
