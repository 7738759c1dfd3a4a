import { isLakeError, LakeError } from '../ports/errors';

/** Extended result codes of SQLite (https://www.sqlite.org/rescode.html); the low byte is the primary code. */
const uniqueViolations = new Set([1555, 2067, 2579]);

export function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  return code === 'ERR_SQLITE_ERROR' ? errcode : undefined;
}

/** SQLITE_BUSY and SQLITE_LOCKED: another process holds the lock. */
export function isBusy(error: unknown): boolean {
  const primary = (resultCodeOf(error) ?? 0) & 0xff;
  return primary === 5 || primary === 6;
}

/**
 * One mapping of node:sqlite errors into the closed codes. SQLite's own message may quote the statement, so it goes into
 * `cause` only; the columns of a unique constraint are the schema's own names and are told.
 */
export function toLakeError(error: unknown): LakeError {
  if (isLakeError(error)) return error;
  const code = resultCodeOf(error);
  if (code === undefined) return fromNode(error);
  if (uniqueViolations.has(code)) {
    const columns = /^UNIQUE constraint failed: ([\w., ]+)$/.exec(error instanceof Error ? error.message : '')?.[1];
    const where = columns === undefined ? '' : ` (${columns})`;
    return new LakeError('AlreadyExists', `A row with this unique key exists already${where}.`, { cause: error });
  }
  switch (code & 0xff) {
    case 5:
    case 6:
      return new LakeError(
        'Unavailable',
        'The state database is locked by another process for too long. Repeat later.',
        {
          cause: error,
        },
      );
    case 7:
    case 10:
    case 13:
    case 14:
      return new LakeError(
        'Unavailable',
        'The state database cannot reach its disk, or the disk is full; nothing was changed. Mend the disk and repeat.',
        { cause: error },
      );
    case 3:
    case 8:
    case 23:
      return new LakeError('PermissionDenied', 'The state database may not be written here: a snapshot only reads.', {
        cause: error,
      });
    case 19:
      return new LakeError('InvalidArgument', 'A constraint of the table refuses the row. Check the values given.', {
        cause: error,
      });
    case 1:
    case 18:
    case 20:
    case 25:
      return new LakeError('InvalidArgument', 'The SQL statement or its parameters are not valid.', { cause: error });
    default:
      return new LakeError('Unknown', `The state database failed with SQLite result code ${code}.`, { cause: error });
  }
}

function fromNode(error: unknown): LakeError {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'ERR_INVALID_ARG_TYPE' || code === 'ERR_INVALID_ARG_VALUE' || code === 'ERR_OUT_OF_RANGE') {
    return new LakeError(
      'InvalidArgument',
      'A parameter is no text, number, bigint, bytes or null, or is out of range.',
      {
        cause: error,
      },
    );
  }
  if (code === 'ERR_INVALID_STATE') {
    return new LakeError('Unavailable', 'The state database is closed.', { cause: error });
  }
  return new LakeError('Unknown', 'The state database failed in an unforeseen way.', { cause: error });
}
