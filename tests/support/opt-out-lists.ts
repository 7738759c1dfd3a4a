import type { StateDatabase } from '../../adapters/ports/state-database';
import { optOutStore } from '../../functions/identity/opt-out-store';

/**
 * Loads the lists of opt-outs, of yesterday, into an identity zone off one machine.
 *
 * @param national NHS numbers that the national service gave back: of those who have not objected
 */
export async function loadOptOutLists(identity: StateDatabase, national: readonly string[] = []): Promise<void> {
  const optOuts = optOutStore.open(identity);
  const now = Date.now();
  const asOf = new Date(now - 86_400_000).toISOString();
  for (const [name, numbers] of [
    ['national', national],
    ['type-1', []],
  ] as const)
    await optOuts.load({ name, asOf, longestAgeDays: 7 }, numbers, {
      recorded: new Date(now).toISOString(),
      event: 'securityConfiguration',
      action: 'lake identity opt-out load',
      agent: { kind: 'operator', id: 'test' },
      outcome: { result: 'allowed', code: 'done' },
      purpose: 'HOPERAT',
    });
}
