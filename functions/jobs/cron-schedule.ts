import { Cron } from 'croner';
import { LakeError } from '../../adapters/ports/errors';

/**
 * The first tick of a cron text (five fields: minute, hour, day, month, weekday) after a moment, in a time zone. When the
 * clocks change, a time of day that does not exist that day ticks at the first moment after the gap, and one that exists
 * twice ticks once; `*` and steps follow elapsed time instead (the rule of croner, which follows Vixie cron).
 *
 * @throws LakeError `InvalidArgument` for a text or zone that is none, or that never ticks.
 */
export function nextTick(cron: string, timeZone: string, after: Date): Date {
  let next: Date | null;
  try {
    next = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true }).nextRun(after);
  } catch (cause) {
    throw new LakeError(
      'InvalidArgument',
      'The schedule was refused. Give a cron text of five fields, for example "30 2 * * *", and an IANA time zone such as Europe/London.',
      { cause },
    );
  }
  if (next === null) throw new LakeError('InvalidArgument', 'The cron text never ticks. Check its day and month.');
  return next;
}
