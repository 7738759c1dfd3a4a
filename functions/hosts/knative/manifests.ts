import { backupManifest } from '../../backup/manifest';
import { ingestManifest } from '../../ingest/manifest';
import { logCollectorManifest } from '../../log-collector/manifest';
import type { Manifest } from '../../manifest';
import { sparkManifest } from '../../spark/manifest';
import { readerManifests } from '../../warehouse/manifest';
import { servedManifests } from '../served-manifests';

/** What is not code of ours and has a login of the object store all the same. */
export const companionManifests: readonly Manifest[] = [
  ...readerManifests,
  logCollectorManifest,
  backupManifest,
  sparkManifest,
];

/** The functions this host serves, each as a process of its own. */
export const knativeManifests: readonly Manifest[] = servedManifests(ingestManifest);
