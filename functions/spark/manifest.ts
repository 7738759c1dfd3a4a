import { defineManifest, objectStore, objectStoreUnder, onSchedule } from '../manifest';

/** What jobs make lies here until the lake commits it: there is one committer (design section 9). */
export const stagingPrefix = 'staging/';

/**
 * The large runs of Spark. No code of ours: its manifest is what its login of the object store may do. In staging it may also look,
 * read and delete, because S3A shows a folder by listing and ends a write by a copy; elsewhere in the marts it may do nothing.
 */
export const sparkManifest = defineManifest({
  name: 'spark',
  trigger: onSchedule('30 1 * * *'),
  uses: {
    curated: objectStore('curated', ['read', 'head', 'list']),
    staging: objectStoreUnder('marts', stagingPrefix, ['read', 'head', 'list', 'put', 'delete']),
  },
});
