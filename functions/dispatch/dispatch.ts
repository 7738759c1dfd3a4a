import type { Clock } from '../../adapters/ports/clock';
import { isLakeError } from '../../adapters/ports/errors';
import type { Events, LakeEvent } from '../../adapters/ports/events';
import type { Ledger, OutboxRow } from '../ingest/ledger';

export interface DispatchServices {
  readonly ledger: Pick<Ledger, 'due' | 'published' | 'notPublished'>;
  readonly identityLanded: Events;
  readonly clinicalLanded: Events;
  readonly clock: Clock;
}

/** Type of the event of one landed object; `data` is a {@link LandedObject}. */
export const landedEventType = 'uk.nhs.lake.landed.v1';

const rowsAtOnce = 200;
/** On their way together: who takes them does their work in one go. Begun with one, so that a sink that is away costs few an attempt. */
const mostAtOnce = 16;
/** Pauses double from a second to an hour, so that an event is a dead letter after some seven hours. */
export const attemptsOfAnEvent = 18;
const longestPause = 3_600_000;
/** So many that nobody answered, one after the other: the sink is away, and the rest is left for the next round. */
const failuresOfARound = 3;

/**
 * Publishes what the outbox holds, oldest groups first, and marks it published: what a crash leaves between the two is published
 * again under the same id, which subscribers take once. An event that is not taken holds up no other: it is offered again
 * later, and after {@link attemptsOfAnEvent} attempts it is a dead letter until somebody redrives it.
 *
 * @returns how many were published.
 * @throws LakeError the last failure of the round, when there was one.
 *
 * @public loaded by name when a process serves this function
 */
export async function dispatch(services: DispatchServices): Promise<number> {
  const { ledger, clock } = services;
  let published = 0;
  let failure: unknown;
  let atOnce = 1;
  for (let away = 0; away < failuresOfARound; ) {
    const rows = await ledger.due(rowsAtOnce, clock.now());
    if (rows.length === 0) break;
    const taken: number[] = [];
    for (let next = 0; next < rows.length && away < failuresOfARound; ) {
      const group = rows.slice(next, next + atOnce);
      next += group.length;
      const offers = await Promise.allSettled(group.map((row) => offer(row, services)));
      for (const [index, row] of group.entries()) {
        const result = offers[index];
        if (result?.status === 'fulfilled') {
          taken.push(row.id);
          away = 0;
          continue;
        }
        failure = result?.reason;
        await ledger.notPublished(row.id, nextAttempt(row.attempts + 1, clock.now()), clock.now());
        // A refusal is an answer: the sink is there.
        away = isLakeError(failure, 'InvalidArgument') ? 0 : away + 1;
      }
      atOnce = away === 0 ? Math.min(2 * atOnce, mostAtOnce) : 1;
    }
    await ledger.published(taken, clock.now());
    published += taken.length;
  }
  if (failure !== undefined) throw failure;
  return published;
}

/** The event that tells subscribers of a zone that there is something for them. */
export function landedEvent(
  clock: Clock,
  { id, source, zone, data }: { id: string; source: string; zone: OutboxRow['zone']; data: LakeEvent['data'] },
): LakeEvent {
  return {
    specversion: '1.0',
    id,
    type: landedEventType,
    source,
    time: clock.now().toISOString(),
    subject: zone,
    datacontenttype: 'application/json',
    data,
  };
}

function offer({ id, attempts: _, ...landed }: OutboxRow, services: DispatchServices): Promise<void> {
  const { identityLanded, clinicalLanded, clock } = services;
  const event = landedEvent(clock, {
    id: `landed-${id}`,
    source: '/lake/ledger',
    zone: landed.zone,
    data: landed,
  });
  return (landed.zone === 'identity' ? identityLanded : clinicalLanded).publish(event);
}

/** Undefined when it was the last. */
const nextAttempt = (attempts: number, now: Date): Date | undefined =>
  attempts >= attemptsOfAnEvent
    ? undefined
    : new Date(now.getTime() + Math.min(1000 * 2 ** (attempts - 1), longestPause));
