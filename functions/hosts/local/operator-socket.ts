import { chmodSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { isLakeError, LakeError, type LakeErrorCode } from '../../../adapters/ports/errors';
import type { Operator } from './operator';

/** Where the running lake listens, for clients on the same machine. */
export interface LakeAddress {
  readonly origin: string;
  readonly baseUrl: string;
}

/** Operations that a command may ask of a running lake: the methods of Operator that have plain answers. */
const remote = [
  'registerProvider',
  'listProviders',
  'disableProvider',
  'rotateProviderKey',
  'retireProviderKey',
  'curate',
  'compact',
  'buildMarts',
  'listMarts',
  'extract',
  'jobs',
  'sql',
  'verifyAudit',
  'exportAudit',
  'exportLake',
  'erase',
  'verifyErasure',
  'rotatePseudonymKey',
  'heldMessages',
  'replayHeld',
  'resplit',
  'identity',
  'status',
] as const;
export type OperatorMethod = (typeof remote)[number];

type Answer = { readonly result: unknown } | { readonly code: LakeErrorCode; readonly message: string };

/** The operator API on a socket in the data folder (mode 600): who may open the file may operate the lake. */
export function serveOperator(
  path: string,
  operator: Operator,
  { wake, ...address }: LakeAddress & { wake: () => void },
): Promise<() => Promise<void>> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const answer = await call(operator, address, Buffer.concat(chunks).toString('utf8'));
      outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      wake();
    });
  });
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(
        () =>
          new Promise<void>((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      );
    });
  });
}

async function call(operator: Operator, address: LakeAddress, body: string): Promise<Answer> {
  try {
    const { method, args } = JSON.parse(body) as { method: string; args: unknown[] };
    if (method === 'address') return { result: address };
    const known = remote.find((name) => name === method);
    if (known === undefined)
      throw new LakeError(
        'Unsupported',
        'The running lake knows no such operation. Stop it and start it with this version.',
      );
    const result = await (operator[known] as (...args: unknown[]) => Promise<unknown>).apply(operator, args);
    return {
      result:
        known === 'status'
          ? { ...address, tokenUrl: `${address.origin}/oauth2/token`, ...(result as object) }
          : (result ?? null),
    };
  } catch (error) {
    if (isLakeError(error)) return { code: error.code, message: error.message };
    return { code: 'Unknown', message: 'The operation failed. The log of the running lake says why.' };
  }
}

/** Calls a running lake; `undefined` when none listens on the socket. */
export function callOperator(
  path: string,
  method: OperatorMethod | 'address',
  args: readonly unknown[],
): Promise<{ readonly result: unknown } | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: path, method: 'POST', path: '/' }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer;
        if ('code' in answer) reject(new LakeError(answer.code, answer.message));
        else resolve(answer);
      });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    outgoing.end(JSON.stringify({ method, args }));
  });
}
