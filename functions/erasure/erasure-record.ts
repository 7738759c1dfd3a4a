import type { AuditRecord } from '../audit/audit-record';

/** The audit record of an erasure's step: how many people, by whom, and no more. */
export const erasureRecord = (
  action: string,
  people: number,
  agent: AuditRecord['agent'],
  now = new Date(),
): AuditRecord => ({
  recorded: now.toISOString(),
  event: 'erase',
  action,
  agent,
  outcome: { result: 'allowed', code: 'erased' },
  entities: [{ type: 'Patient', count: people }],
  purpose: 'PATRQT',
});
