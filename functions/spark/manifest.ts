import { defineManifest, objectStore, objectStoreUnder, onSchedule } from '../manifest';

/** What jobs make lies here, as `<mart>/<run>/`, until the lake commits it: there is one committer (design section 9). */
export const stagingPrefix = 'staging/';
export const stagedZone = 'marts';

/**
 * The large runs of Spark. No code of ours: its manifest is what its login of the object store may do. In staging it may also look,
 * read and delete, because S3A shows a folder by listing and ends a write by a copy; elsewhere in the marts it may do nothing.
 */
export const sparkManifest = defineManifest({
  name: 'spark',
  trigger: onSchedule('30 1 * * *'),
  uses: {
    curated: objectStore('curated', ['read', 'head', 'list']),
    staging: objectStoreUnder(stagedZone, stagingPrefix, ['read', 'head', 'list', 'put', 'delete']),
  },
});

/** Settings of Spark that every job has, wherever it runs. */
export const jobSettings: Readonly<Record<string, string>> = {
  // Pathling gives columns of one element shifted, without an error, where Spark prunes what it reads of it (Spark 4.0.5, Pathling 9.4).
  'spark.sql.optimizer.nestedSchemaPruning.enabled': 'false',
  'spark.sql.optimizer.expression.nestedPruning.enabled': 'false',
  // Spark's own default, INT96, does not say that it is UTC.
  'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
  // S3A looks for a folder above each it makes, and marks those that are empty, also above staging, where a job may not (Hadoop 3.4.1).
  'spark.hadoop.fs.s3a.performance.flags': 'mkdir',
  'spark.hadoop.fs.s3a.directory.marker.retention': 'delete',
};
