import { auditSealerManifest, identityAuditSealerManifest } from '../../audit/manifest';
import { importManifest } from '../../bulk-import/manifest';
import { curateManifest } from '../../curate/manifest';
import { dispatchManifest } from '../../dispatch/manifest';
import { identityManifest } from '../../identity/manifest';
import { isolatedIngestManifest } from '../../ingest/manifest';
import type { Manifest } from '../../manifest';
import { providerAccessManifest } from '../../provider-access/manifest';

/** The functions this host serves, each a bundle of its own. */
export const lambdaManifests: readonly Manifest[] = [
  providerAccessManifest,
  isolatedIngestManifest,
  importManifest,
  identityManifest,
  curateManifest,
  dispatchManifest,
  auditSealerManifest,
  identityAuditSealerManifest,
];
