import { type AuditEntity, type AuditRecord, maxEntities } from '../audit/audit-record';
import type { IngestRequest, Sender } from './ingest-request';
import type { RequestOutcome } from './ledger';
import type { PreparedEntry } from './prepared-request';

const eventOf = {
  create: 'create',
  document: 'create',
  update: 'update',
  transaction: 'transaction',
  batch: 'batch',
  message: 'operation',
} as const;

const eventOfMethod: Readonly<Record<string, AuditRecord['event']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** The route as a template: an id that a provider chose never enters the audit. */
const routeOf = {
  create: 'POST {type}',
  document: 'POST Bundle',
  update: 'PUT {type}/{id}',
  transaction: 'POST base',
  batch: 'POST base',
  message: 'POST $process-message',
} as const;

/** Resources by type, and each person the request is about by the re-keyed id. */
function entitiesOf(entries: readonly PreparedEntry[]): AuditEntity[] {
  const counts = new Map<string, number>();
  const patients = new Set<string>();
  for (const { type, patientRef } of entries) {
    counts.set(type, (counts.get(type) ?? 0) + 1);
    if (patientRef !== undefined) patients.add(patientRef);
  }
  const single = entries.length === 1 ? { id: entries[0]!.id } : {};
  const resources = [...counts].map(([type, count]): AuditEntity => ({ type, count, ...single }));
  const people = [...patients].map(
    (id): AuditEntity => ({ type: 'Patient', id: id.replace(/^Patient\//, ''), role: 'patient' }),
  );
  const room = maxEntities - resources.length;
  // More people than one record holds: the count says so, the ledger's versions name them.
  return people.length <= room
    ? [...resources, ...people]
    : [...resources, { type: 'Patient', count: people.length, role: 'patient' }];
}

/** The audit record of a request, written in the same transaction as what it did. */
export function requestAudit(
  request: IngestRequest,
  entries: readonly PreparedEntry[],
): (outcome: RequestOutcome) => AuditRecord {
  const { interaction, sender, requestId, correlationId } = request;
  return (outcome) => {
    const done = outcome.kind === 'committed' || outcome.kind === 'repeated';
    return {
      recorded: new Date().toISOString(),
      event: eventOf[interaction.kind],
      action: routeOf[interaction.kind],
      agent: { kind: 'provider', id: sender.clientId },
      outcome: {
        result: done ? 'allowed' : 'denied',
        code: done ? outcome.kind : outcome.kind === 'reused' ? 'duplicate' : 'conflict',
      },
      entities: entitiesOf(entries),
      requestId,
      correlationId,
      purpose: 'TREAT',
    };
  };
}

/** The record of a request that did not reach the ledger: turned away, or only looking. */
export function routeAudit(
  caller: Pick<Sender, 'clientId'> | undefined,
  method: string,
  routePath: string,
  status: number,
  requestId: string | undefined,
): AuditRecord {
  return {
    recorded: new Date().toISOString(),
    event: eventOfMethod[method] ?? 'read',
    action: `${method} ${routePath.replaceAll(/:([a-z]+)/g, '{$1}').replaceAll(/[^A-Za-z0-9 $:{}/._*-]/g, '')}`,
    agent: { kind: 'provider', id: caller?.clientId ?? 'unknown' },
    outcome: { result: status < 400 ? 'allowed' : status < 500 ? 'denied' : 'failed', code: `http-${status}`, status },
    requestId,
    purpose: 'TREAT',
  };
}
