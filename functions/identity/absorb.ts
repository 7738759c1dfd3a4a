import type { ObjectStore } from '../../adapters/ports/object-store';
import type { IdentityRegister, IdentityRow, ReportRow } from './identity-register';

/** A landed object of the identity zone, as its event announces it. */
export interface LandedIdentity {
  readonly key: string;
  readonly provider: string;
  /** Requests that committed; lines of others were never acknowledged and are passed over. */
  readonly requestIds: readonly string[];
  /** `<request id> <entry>`: entries of these requests that were refused. */
  readonly refused: readonly string[];
}

/** What an event says when nothing landed, and a person changed links all the same: the link table is written anew. */
export const linksChanged = { zone: 'identity', links: 'changed' } as const;

export interface AbsorbServices {
  readonly store: Pick<ObjectStore, 'read'>;
  readonly open: (sealed: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;
  readonly register: Pick<IdentityRegister, 'absorb' | 'erasures'>;
  /** The digits of a verified NHS number in a record of a Patient. */
  readonly verifiedNhsNumberOf: (record: unknown) => string | undefined;
}

interface IdentityLine {
  readonly kind: 'original' | 'record' | 'report';
  readonly requestId: string;
  readonly entry?: number;
  readonly type?: string;
  readonly id?: string;
  readonly record?: unknown;
  readonly report?: unknown;
}

/**
 * Takes what ingest sealed into the register: records by resource, links by verified number. Harmless when repeated.
 *
 * @throws LakeError `Unavailable` where an erasure or a rotation of the pseudonym key came between the reading and the register.
 */
export async function absorb(services: AbsorbServices, landed: LandedIdentity): Promise<number> {
  const retention = landed.key.split('/')[1] ?? '';
  const context = { zone: 'identity', provider: landed.provider, retention };
  // Before the object is read: an erasure blanks objects first and comes to the register after that.
  const erasures = await services.register.erasures();
  const text = Buffer.from(await services.open(await services.store.read(landed.key), context)).toString('utf8');
  const committed = new Set(landed.requestIds);
  const refused = new Set(landed.refused);
  const rows: IdentityRow[] = [];
  const reports: ReportRow[] = [];
  for (const line of text.split('\n')) {
    // Originals are long and nothing of them is needed here.
    if (!line.startsWith('{"kind":"re')) continue;
    const { kind, requestId, entry, type, id, record, report } = JSON.parse(line) as IdentityLine;
    if (!committed.has(requestId) || refused.has(`${requestId} ${entry}`)) continue;
    if (kind === 'report') reports.push({ provider: landed.provider, requestId, report: JSON.stringify(report) });
    if (type === undefined || id === undefined) continue;
    const verifiedNhsNumber = type === 'Patient' ? services.verifiedNhsNumberOf(record) : undefined;
    rows.push({ provider: landed.provider, type, id, requestId, record: JSON.stringify(record), verifiedNhsNumber });
  }
  return services.register.absorb(
    landed.key,
    { erasures, rows, reports },
    {
      recorded: new Date().toISOString(),
      event: 'link',
      action: 'job:identity.absorb',
      agent: { kind: 'function', id: 'identity' },
      outcome: { result: 'allowed', code: 'absorbed' },
      entities: [{ type: 'identity-record', count: rows.length }],
      purpose: 'TREAT',
    },
  );
}
