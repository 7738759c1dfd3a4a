import { chmodSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { isLakeError, LakeError, type LakeErrorCode } from '../../../adapters/ports/errors';
import type { Operator } from './operator';
import { type OperatorMethod, performOperation } from './operator-records';

/** Where the running lake listens, for clients on the same machine. */
export interface LakeAddress {
  readonly origin: string;
  readonly baseUrl: string;
}

type Answer = { readonly result: unknown } | { readonly code: LakeErrorCode; readonly message: string };

/** The operator API on a socket in the data folder (mode 600): who may open the file may operate the lake. */
export function serveOperator(
  path: string,
  operator: Operator,
  { wake, onFailure, ...address }: LakeAddress & { wake: () => void; onFailure: (error: unknown) => void },
): Promise<() => Promise<void>> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const answer = await call(operator, address, Buffer.concat(chunks).toString('utf8'), onFailure);
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

async function call(
  operator: Operator,
  address: LakeAddress,
  body: string,
  onFailure: (error: unknown) => void,
): Promise<Answer> {
  try {
    const { method, args } = JSON.parse(body) as { method: string; args: unknown[] };
    if (method === 'address') return { result: address };
    const result: unknown = await performOperation(
      operator,
      method as OperatorMethod,
      // What was not given: JSON knows null only.
      args.map((arg) => arg ?? undefined) as never,
    );
    return {
      result:
        method === 'status'
          ? { ...address, tokenUrl: `${address.origin}/oauth2/token`, ...(result as object) }
          : (result ?? null),
    };
  } catch (error) {
    if (isLakeError(error)) return { code: error.code, message: error.message };
    onFailure(error);
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
