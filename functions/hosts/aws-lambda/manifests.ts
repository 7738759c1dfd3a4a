import { isolatedIngestManifest } from '../../ingest/manifest';
import type { Manifest } from '../../manifest';
import { servedManifests } from '../served-manifests';

/** The functions this host serves, each a bundle of its own. */
export const lambdaManifests: readonly Manifest[] = servedManifests(isolatedIngestManifest);
