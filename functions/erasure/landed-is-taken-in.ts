import { setTimeout } from 'node:timers/promises';
import { LakeError } from '../../adapters/ports/errors';
import type { Ledger } from '../ingest/ledger';

const longestWait = 120_000;
const betweenLooks = 500;

/**
 * Waits until what landed before this moment has been taken in: an event of it would bring back what is erased.
 *
 * @throws LakeError `PreconditionFailed` where an event is given up, as nobody offers it until a person says so; `Unavailable` after
 * two minutes.
 */
export async function landedIsTakenIn(
  ledger: Pick<Ledger, 'untold' | 'deadLetters'>,
  signal: AbortSignal,
): Promise<void> {
  const { newest } = await ledger.untold();
  const until = performance.now() + longestWait;
  while ((await ledger.untold(newest)).count > 0) {
    if ((await ledger.deadLetters()).count > 0)
      throw new LakeError(
        'PreconditionFailed',
        'Events of what landed are given up, and would come in after the erasure. `lake status` counts them: mend who did not take them, then `lake redrive`, and ask again.',
      );
    if (performance.now() > until)
      throw new LakeError('Unavailable', 'What landed is not taken in yet. The erasure is tried again.');
    await setTimeout(betweenLooks, undefined, { signal });
  }
}
