import type { FunctionService } from './function-server';
import { nothingAsked } from './nothing-asked';

/**
 * Does its work at a steady beat for as long as the pod lives; a round that fails is reported and tried at the next beat.
 * It answers no request but readiness.
 */
export function beatService(
  round: () => Promise<unknown>,
  milliseconds: number,
  onFailure: (error: unknown) => void,
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
    handler: nothingAsked,
    drained: async () => {
      stopped = true;
      clearTimeout(next);
      await running;
    },
  };
}
