import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { LakeError } from '../../adapters/ports/errors';
import { resultOf } from '../../adapters/shared/request-answer';

/** A pod that answers people. */
export interface KubernetesDesk {
  readonly namespace: string;
  readonly pod: string;
  readonly audience: string;
}

const forwarding = /Forwarding from 127\.0\.0\.1:(\d+)/;
const startMilliseconds = 30_000;

/**
 * Asks over a connection that the cluster's API server brings to the one pod that answers people, with a token that it makes for
 * the person's own account. Both need the rights that the stack's `operators` gives, and both stand in the cluster's audit.
 *
 * @param accounts the namespace of the people's accounts
 * @throws LakeError what the lake refuses; `Unavailable` when kubectl cannot reach it.
 */
export async function askPod(
  { namespace, pod, audience }: KubernetesDesk,
  accounts: string,
  account: string,
  request: unknown,
): Promise<unknown> {
  const token = await kubectl('create', 'token', account, '-n', accounts, '--audience', audience);
  const tunnel = spawn('kubectl', ['port-forward', '-n', namespace, `pod/${pod}`, ':8080'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const port = await portOf(tunnel);
    return resultOf(await answerOf(port, token.trim(), request));
  } finally {
    tunnel.kill();
  }
}

/** Once: what was begun goes on, whether an answer came back or not. */
async function answerOf(port: number, token: string, request: unknown): Promise<unknown> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(request),
    });
    return await response.json();
  } catch (cause) {
    throw new LakeError(
      'Unavailable',
      'The lake broke the connection off or did not answer. `lake jobs` shows what goes on; repeat later.',
      { cause },
    );
  }
}

async function kubectl(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('kubectl', [...args])).stdout;
  } catch (cause) {
    throw new LakeError(
      'PermissionDenied',
      'kubectl made no token for this operator. Is the person among the `operators` of the stack, and are you signed in to its cluster?',
      { cause },
    );
  }
}

function portOf(tunnel: ChildProcess): Promise<number> {
  const away = (): LakeError =>
    new LakeError('Unavailable', 'kubectl brought no connection to the lake. Does the pod run, and may you reach it?');
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(away()), startMilliseconds);
    let said = '';
    tunnel.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const port = forwarding.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      resolve(Number(port));
    });
    const ended = (): void => {
      clearTimeout(late);
      reject(away());
    };
    tunnel.once('exit', ended);
    tunnel.once('error', ended);
  });
}
