/** Every named place, in the order in which a message meets them. */
export const failpoints = [
  'ingest.before-put',
  'ingest.put-landing',
  'ingest.put-identity',
  'ingest.after-put',
  'ingest.after-commit',
  'identity.absorbed',
  'identity.before-links',
  'identity.after-links',
  'curate.claimed',
  'curate.table-written',
  'curate.before-complete',
  'compaction.divided',
  'compaction.folded',
  'compaction.vacuumed',
  'audit.after-claim',
  'audit.before-segment',
  'audit.after-segment',
  'audit.after-checkpoint',
  'audit.after-advance',
  'audit.before-witness',
  'audit.after-witness',
  'jobs.after-claim',
  'jobs.before-complete',
  'import.taken',
  'import.outcome',
  'import.before-finish',
  'replay.stored',
  'resplit.put',
  'resplit.relanded',
  'resplit.recorded',
  'resplit.superseded',
  'collect.blanked',
  'collect.condemned',
  'erase.planned',
  'erase.landing',
  'erase.originals',
  'erase.curated',
  'erase.identity',
  'erase.marts',
  'rotate.begun',
  'rotate.resources',
  'rotate.patients',
  'rotate.identifiers',
  'rotate.requests',
  'rotate.landing',
  'rotate.originals',
  'rotate.register',
  'rotate.curated',
  'rotate.links',
  'rotate.marts',
] as const;
export type FailpointName = (typeof failpoints)[number];

/**
 * A named place where a test may stop the process, delay it or make it fail. The product passes `noFailpoint`; only the
 * faults suite passes another, so that "killed right here" is said by name instead of by luck. The suite kills at every name
 * of the list, so a place that is added is a place that is tested.
 */
export type Failpoint = (name: FailpointName) => Promise<void> | void;

export const noFailpoint: Failpoint = () => undefined;
