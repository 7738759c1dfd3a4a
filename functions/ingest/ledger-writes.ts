import type { SqlValue, StateTransaction } from '../../adapters/ports/state-database';
import { appendAuditRecords } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { insertRows } from '../many-rows';
import type { EntryOutcome, LedgerEntry, LedgerRequest } from './ledger';

type Row = readonly SqlValue[];

interface Written {
  readonly key: readonly [provider: string, type: string, id: string];
  readonly made: boolean;
  readonly version: number;
  readonly assignedId: string | null;
  readonly identifiers: readonly string[];
}

/** What a run of requests writes, gathered so that many rows go with one statement. */
export class LedgerWrites {
  /** A resource written twice, as entries of a batch may: what it is in the end. */
  readonly #resources = new Map<string, Written>();
  readonly #versions: Row[] = [];
  readonly #requests: Row[] = [];
  readonly #audit: AuditRecord[] = [];

  version({ provider, requestId }: LedgerRequest, entry: LedgerEntry, version: number, recorded: string): void {
    const { type, id, assignedId = null, identifiers, patientRef = null, retention } = entry;
    const name = `${provider} ${type} ${id}`;
    const before = this.#resources.get(name);
    this.#resources.set(name, {
      key: [provider, type, id],
      made: version === 1 || before?.made === true,
      version,
      assignedId: before === undefined ? assignedId : before.assignedId,
      identifiers,
    });
    const { segment, line } = entry.place!;
    this.#versions.push([provider, type, id, version, segment, line, recorded, patientRef, retention, requestId]);
  }

  answer(
    { provider, requestId, digests, notes }: LedgerRequest,
    outcomes: readonly EntryOutcome[],
    recorded: string,
  ): void {
    this.#requests.push([provider, requestId, digests[0]!, JSON.stringify(outcomes), notes, recorded]);
  }

  audit(record: AuditRecord): void {
    this.#audit.push(record);
  }

  /** Begins all its statements in their order, which the database keeps. */
  async begin(tx: StateTransaction): Promise<void> {
    const all = [...this.#resources.values()];
    const made = all.filter((one) => one.made);
    const changed = all.filter((one) => !one.made);
    await Promise.all([
      insertRows(
        tx,
        'INSERT INTO resource (provider, type, id, version, assigned_id)',
        made.map(({ key, version, assignedId }) => [...key, version, assignedId]),
      ),
      ...changed.flatMap(({ key, version }) => [
        tx.run('UPDATE resource SET version = ? WHERE provider = ? AND type = ? AND id = ?', [version, ...key]),
        tx.run('DELETE FROM identifier WHERE provider = ? AND type = ? AND id = ?', [...key]),
      ]),
      insertRows(
        tx,
        'INSERT INTO version (provider, type, id, version, segment, line, last_updated, patient_ref, retention, request_id)',
        this.#versions,
      ),
      insertRows(
        tx,
        'INSERT INTO identifier (provider, type, token, id)',
        all.flatMap(({ key: [provider, type, id], identifiers }) =>
          identifiers.map((token) => [provider, type, token, id]),
        ),
        'ON CONFLICT DO NOTHING',
      ),
      insertRows(tx, 'INSERT INTO request (provider, request_id, digest, answer, notes, recorded)', this.#requests),
      appendAuditRecords(tx, this.#audit),
    ]);
  }
}
