import type { LakeEvent } from '../../adapters/ports/events';

/** As the ledger tells of what has landed. */
export const eventOf = (id: string, data: unknown): LakeEvent => ({
  specversion: '1.0',
  id,
  type: 'uk.nhs.lake.landed.v1',
  source: '/lake/ledger',
  time: '2026-01-01T00:00:00.000Z',
  subject: 'landing',
  datacontenttype: 'application/json',
  data,
});

/** For tests that do not look into it. */
export const anEvent = eventOf('1', {});
