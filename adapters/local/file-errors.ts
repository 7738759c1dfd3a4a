import { isLakeError, LakeError } from '../ports/errors';

/** The parts of `node:fs/promises` that the file adapters use; tests put a failing one in its place. */
export type FileSystem = Pick<
  typeof import('node:fs/promises'),
  'open' | 'link' | 'rename' | 'unlink' | 'mkdir' | 'rmdir' | 'readdir' | 'stat'
>;

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** One mapping of file system errors (errno names of POSIX) into the closed codes of the ports. */
export function toLakeError(error: unknown): LakeError {
  if (isLakeError(error)) return error;
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return new LakeError('NotFound', 'There is no object under this key.', { cause: error });
    case 'EEXIST':
      return new LakeError('AlreadyExists', 'There is an object under this key already.', { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new LakeError(
        'PermissionDenied',
        'The folder of the store refuses the call. Make it readable and writable for the user that runs the lake.',
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new LakeError('Unavailable', 'The disk of the store is full; nothing was stored. Free space and repeat.', {
        cause: error,
      });
    case 'EMFILE':
    case 'ENFILE':
    case 'EIO':
    case 'EBUSY':
    case 'ETIMEDOUT':
    case 'ESTALE':
      return new LakeError('Unavailable', 'The disk of the store did not answer properly. Check it and repeat.', {
        cause: error,
      });
    case 'ENAMETOOLONG':
    case 'EINVAL':
      return new LakeError('InvalidArgument', 'The file system cannot hold this key. Use a shorter or plainer one.', {
        cause: error,
      });
    default:
      return new LakeError('Unknown', 'The file system failed in an unforeseen way.', { cause: error });
  }
}
