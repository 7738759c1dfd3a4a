import assert from 'node:assert/strict';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import { identityErasureAnswers } from '../../../functions/hosts/compose/erasure-services';

describe("The identity zone's half of erasure and expiry", () => {
  const records: AuditRecord[] = [];
  const ports = {
    callers: { callerOf: async () => undefined },
    identityKey: {},
    register: { record: async (record: AuditRecord) => void records.push(record), originsOf: async () => [] },
  };
  const { answer } = identityErasureAnswers({ ports: () => ports } as unknown as Parameters<
    typeof identityErasureAnswers
  >[0]);

  it('leaves a record of each step, which does not say that a person asked for what a clock began', async () => {
    const question = { schedule: {}, now: '2026-01-01T00:00:00Z', holds: [] };
    await answer('erasure', { kind: 'overdue', question });
    await answer('erasure', { kind: 'origins', requests: [] });
    await assert.rejects(answer('marts', { kind: 'origins', requests: [] }), { code: 'PermissionDenied' });
    assert.deepEqual(
      records.map(({ action, purpose, outcome }) => [action, purpose, outcome.result]),
      [
        ['identity:erasure.overdue', 'HOPERAT', 'allowed'],
        ['identity:erasure.origins', 'HOPERAT', 'allowed'],
        ['identity:erasure.step', 'HOPERAT', 'denied'],
      ],
    );
  });
});
