import { isLakeError } from '../../adapters/ports/errors';
import { TokenRefused } from '../provider-access/client-assertion';

/** What the operating system says of a file, in words. */
const fileFailures: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
  EROFS: 'lies on a disk that takes no writes',
  EISDIR: 'is a folder where a file is wanted',
  ENOTDIR: 'lies under a file where a folder is wanted',
  EEXIST: 'is there already: name another',
  ENOSPC: 'has no room on its disk',
};

/** What a user can mend, said in a sentence; undefined for a failure of our own. */
export function failureText(error: unknown): string | undefined {
  if (isLakeError(error)) return error.message;
  if (error instanceof TokenRefused) return `${error.message} ${JSON.stringify(error.response)}`;
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const said = code === undefined ? undefined : fileFailures[code];
  if (path !== undefined && said !== undefined) return `${path} ${said}.`;
  if (code === 'EADDRINUSE') return 'Another program listens on this port. Choose one with --port.';
  // What fetch throws when the line breaks (WHATWG Fetch, "network error").
  return error instanceof TypeError && error.message === 'fetch failed'
    ? 'The lake does not answer. Start it with `lake up`, or check LAKE_URL, --port or --stack.'
    : undefined;
}
