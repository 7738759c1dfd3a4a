import type { Catalogue, CatalogueDatabase } from '../../../adapters/ports/catalogue';
import { systemClock } from '../../../adapters/ports/clock';
import type { AuditRecord } from '../../audit/audit-record';
import type { DeltaTable } from '../../tables/delta-table';

export interface TablePublisher {
  readonly catalogue: Pick<Catalogue, 'publish'>;
  readonly audit: { append(record: AuditRecord): Promise<unknown> };
  /** The function that publishes. */
  readonly agent: string;
}

/** Puts the present version and columns of a table into the catalogue; the event of a change is a record of the audit. */
export async function publishTable(
  { catalogue, audit, agent }: TablePublisher,
  database: CatalogueDatabase,
  table: DeltaTable,
): Promise<void> {
  const [schema, { version, metaData }] = [await table.schema(), await table.snapshot()];
  const columns = (schema?.fields ?? []).map(({ name, type }) => ({
    name,
    type: typeof type === 'string' ? type : JSON.stringify(type),
  }));
  const updated = systemClock.now().toISOString();
  await catalogue.publish(
    {
      database,
      name: table.name,
      columns,
      partitionColumns: metaData?.partitionColumns ?? [],
      tableVersion: version,
      updated,
    },
    async ({ name, schemaVersion }) => {
      await audit.append({
        recorded: systemClock.now().toISOString(),
        event: 'schemaChange',
        action: 'catalogue:publish',
        agent: { kind: 'function', id: agent },
        outcome: { result: 'allowed', code: 'changed' },
        entities: [{ type: 'table', id: `${database}.${name}`, version: schemaVersion }],
        purpose: 'HSYSADMIN',
      });
    },
  );
}
