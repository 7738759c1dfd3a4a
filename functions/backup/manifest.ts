import { defineManifest, objectStore, onSchedule } from '../manifest';

const readOnly = ['read', 'head', 'list'] as const;

/** Copies every zone to another store. No code of ours: its manifest is what its login may do. Identity stays sealed on the way. */
export const backupManifest = defineManifest({
  name: 'backup',
  trigger: onSchedule('0 2 * * *'),
  uses: {
    landing: objectStore('landing', readOnly),
    identity: objectStore('identity', readOnly),
    curated: objectStore('curated', readOnly),
    marts: objectStore('marts', readOnly),
    audit: objectStore('audit', readOnly),
    witness: objectStore('witness', readOnly),
    releases: objectStore('releases', readOnly),
  },
});
