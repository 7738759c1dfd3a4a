import assert from 'node:assert/strict';
import { systemClock } from '../../../adapters/ports/clock';
import { type IdentityOperationPorts, IdentityOperations } from '../../../functions/operator/identity-operations';

describe('What people have done inside the identity zone', () => {
  it('relies on an opt-out list for whole days only, as it says', async () => {
    const loaded: number[] = [];
    const optOuts: Pick<IdentityOperationPorts['optOuts'], 'load' | 'lists'> = {
      load: async ({ longestAgeDays }) => void loaded.push(longestAgeDays),
      lists: async () => [],
    };
    const ports = { optOuts } as unknown as IdentityOperationPorts;
    const operations = new IdentityOperations(ports, async (bytes) => bytes, systemClock);
    const load = (longestAgeDays: number) =>
      operations.loadOptOuts({ name: 'type-1', asOf: '2026-01-01T00:00:00Z', longestAgeDays, text: '' }, 'ann');
    for (const days of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      await assert.rejects(load(days), { code: 'InvalidArgument', message: /a whole number of days from 1/ });
    await load(1);
    assert.deepEqual(loaded, [1]);
  });
});
