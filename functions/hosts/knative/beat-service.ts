import type { FunctionService } from './function-server';
import { nothingAsked } from './nothing-asked';

/**
 * Does its work at a steady beat for as long as the pod lives; a round that fails is reported and tried at the next beat.
 * It answers no request but readiness, unless a handler says otherwise.
 */
export function beatService(
  round: () => Promise<unknown>,
  milliseconds: number,
  onFailure: (error: unknown) => void,
  handler: FunctionService['handler'] = nothingAsked,
): FunctionService {
  let running: Promise<unknown> = Promise.resolve();
  let next: NodeJS.Timeout | undefined;
  let stopped = false;
  const beat = (): void => {
    running = round()
      .catch(onFailure)
      .finally(() => {
        if (!stopped) next = setTimeout(beat, milliseconds);
      });
  };
  beat();
  return {
    handler,
    drained: async () => {
      stopped = true;
      clearTimeout(next);
      await running;
    },
  };
}
