import type { AuditRecord } from '../audit/audit-record';

/** The schedule itself: nobody asked. */
export const retentionAgent: AuditRecord['agent'] = { kind: 'function', id: 'retention' };

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
  outcome: { result: 'allowed', code: agent.id === retentionAgent.id ? 'expired' : 'erased' },
  entities: [{ type: 'Patient', count: people }],
  purpose: agent.id === retentionAgent.id ? 'HOPERAT' : 'PATRQT',
});
