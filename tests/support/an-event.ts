import type { LakeEvent } from '../../adapters/ports/events';

/** An event for tests that do not look into it. */
export const anEvent: LakeEvent = {
  specversion: '1.0',
  id: '1',
  type: 'test',
  source: '/test',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: {},
};
