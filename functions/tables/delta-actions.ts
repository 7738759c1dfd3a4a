/**
 * Actions of the Delta log at protocol (reader 1, writer 2)
 * (https://github.com/delta-io/delta/blob/master/PROTOCOL.md, Actions), the subset the lake writes and reads.
 */
export interface AddFile {
  /** Relative to the table, percent-encoded. */
  readonly path: string;
  /** Values as text by partition column; null is SQL's NULL. They stand here only, not in the file. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  /** False when the rows of the table stay the same (compaction). */
  readonly dataChange: boolean;
  /** Per-file statistics as JSON text. */
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string | null>>;
}

/** One text for all files of a partition. */
export const partitionKey = ({ partitionValues }: AddFile): string =>
  JSON.stringify(Object.entries(partitionValues).sort());

export interface RemoveFile {
  readonly path: string;
  /** Milliseconds since 1970; vacuum counts the safety age from here. */
  readonly deletionTimestamp?: number;
  readonly dataChange: boolean;
}

export interface MetaData {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime?: number;
}

export interface Txn {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated?: number;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
}

/** Operations as the lake names them in its commits; never with a value in their parameters. */
export type Operation = 'WRITE' | 'DELETE' | 'OPTIMIZE' | 'FORGET';

export interface CommitInfo {
  readonly timestamp: number;
  readonly operation: Operation;
  readonly operationParameters: Readonly<Record<string, string>>;
  readonly isBlindAppend: boolean;
  readonly engineInfo: string;
  /** Random: tells our own commit from another's when a store's answer got lost. */
  readonly txnId: string;
}

export type Action =
  | { readonly protocol: Protocol }
  | { readonly metaData: MetaData }
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly txn: Txn }
  | { readonly commitInfo: CommitInfo };
