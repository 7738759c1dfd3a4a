import { isLakeError, LakeError } from '../../adapters/ports/errors';

/** Of a name that can be given once: the database knows it is taken, its words are of rows and keys. */
export const nameTaken =
  (what: 'project' | 'operator') =>
  (error: unknown): never => {
    if (!isLakeError(error, 'AlreadyExists')) throw error;
    throw new LakeError('AlreadyExists', `There is a ${what} of this name already. Choose another name.`, {
      cause: error,
    });
  };
