import type { Clock } from '../../adapters/ports/clock';
import type { Events, LakeEvent } from '../../adapters/ports/events';
import type { LandedObject, Ledger } from '../ingest/ledger';

export interface DispatchServices {
  readonly ledger: Pick<Ledger, 'unpublished' | 'published'>;
  readonly identityLanded: Events;
  readonly clinicalLanded: Events;
  readonly clock: Clock;
}

/** Type of the event of one landed object; `data` is a {@link LandedObject}. */
export const landedEventType = 'uk.nhs.lake.landed.v1';

const rowsAtOnce = 200;

/**
 * Publishes what the outbox holds, oldest first, and marks it published: what a crash leaves between the two is published
 * again under the same id, which subscribers take once. An event that cannot be published stays in the outbox.
 *
 * @public loaded by name when a process serves this function
 */
export async function dispatch({ ledger, identityLanded, clinicalLanded, clock }: DispatchServices): Promise<number> {
  let published = 0;
  for (;;) {
    const rows = await ledger.unpublished(rowsAtOnce);
    if (rows.length === 0) return published;
    for (const { id, ...landed } of rows) {
      await (landed.zone === 'identity' ? identityLanded : clinicalLanded).publish(landedEvent(id, landed, clock));
    }
    await ledger.published(
      rows.map(({ id }) => id),
      clock.now(),
    );
    published += rows.length;
  }
}

const landedEvent = (id: number, landed: LandedObject, clock: Clock): LakeEvent => ({
  specversion: '1.0',
  id: `landed-${id}`,
  type: landedEventType,
  source: '/lake/ledger',
  time: clock.now().toISOString(),
  subject: landed.zone,
  datacontenttype: 'application/json',
  data: landed,
});
