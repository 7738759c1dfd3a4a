import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { isErrorCode, LakeError } from '../../adapters/ports/errors';
import { type AuditReport, together } from '../audit/audit-verify';
import { operatorAccount } from '../operator/manifest';
import type { HoldRequest } from '../retention/legal-holds';
import { stackOutputs } from './stack-outputs';
import { type Options, requiredOption, textOption } from './verb';

interface Desk {
  readonly namespace: string;
  readonly pod: string;
  readonly audience: string;
}

type Answer = { readonly result: unknown } | { readonly code: string; readonly message: string };

/** The function of the stack that answers: the lake's own, or the identity zone's. */
type DeskName = 'operator' | 'identity-operator';

const forwarding = /Forwarding from 127\.0\.0\.1:(\d+)/;
const startMilliseconds = 30_000;

/**
 * Asks a deployed lake as a person who operates it: over a connection that the cluster's API server brings to the one pod that
 * answers people, with a token that it makes for the person's own account. Both need the rights that the stack's `operators`
 * gives, and both stand in the cluster's audit.
 *
 * @throws LakeError what the lake refuses; `Unavailable` when kubectl cannot reach it.
 */
async function askStack(options: Options, name: DeskName, method: string, input: unknown): Promise<unknown> {
  const { desks } = await stackOutputs<{ readonly desks?: Readonly<Record<string, Desk>> }>(
    requiredOption(options, 'stack'),
  );
  const [desk, home] = [desks?.[name], desks?.operator];
  if (desk === undefined || home === undefined)
    throw new LakeError(
      'PreconditionFailed',
      'This stack answers no operators. Bring it to this release: `pulumi up`.',
    );
  const person = textOption(options, 'operator') ?? process.env.LAKE_OPERATOR;
  if (person === undefined)
    throw new LakeError('InvalidArgument', 'Say who asks: --operator NAME or LAKE_OPERATOR, as the stack names you.');
  const token = await kubectl(
    'create',
    'token',
    operatorAccount(person),
    '-n',
    home.namespace,
    '--audience',
    desk.audience,
  );
  const tunnel = spawn('kubectl', ['port-forward', '-n', desk.namespace, `pod/${desk.pod}`, ':8080'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const port = await portOf(tunnel);
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token.trim()}` },
      body: JSON.stringify({ method, input }),
    });
    const answer = (await response.json()) as Answer;
    if ('result' in answer) return answer.result;
    throw new LakeError(isErrorCode(answer.code) ? answer.code : 'Unknown', answer.message);
  } finally {
    tunnel.kill();
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

/** What an operation of one machine is on a deployed lake; numbers go to the identity zone's desk and to no other. */
export async function operateStack(options: Options, method: string, args: readonly unknown[]): Promise<unknown> {
  const ask = (name: DeskName, asked: string, input: unknown): Promise<unknown> =>
    askStack(options, name, asked, input);
  switch (method) {
    case 'status':
    case 'jobs':
    case 'curate':
    case 'listMarts':
    case 'listProviders':
      return ask('operator', method, {});
    // Each zone has a stream of its own, and shows it at its own desk.
    case 'verifyAudit':
      return together([
        (await ask('operator', method, {})) as AuditReport,
        (await ask('identity-operator', method, {})) as AuditReport,
      ]);
    case 'buildMarts':
      return ask('operator', method, { names: args[0], full: args[1] === true });
    case 'sql':
      return ask('operator', method, { text: args[0] });
    case 'disableProvider':
      return ask('operator', method, { ods: args[0] });
    case 'erase':
      return ask('operator', method, await ask('identity-operator', 'findPeople', args[0]));
    case 'certificates':
    case 'releaseHold':
      return ask('operator', method, args[0]);
    case 'holds':
      return ask('operator', method, {});
    case 'verifyErasure':
      return ask('operator', method, { certificate: args[0] });
    case 'hold': {
      const { nhsNumbers, patients, ...asked } = args[0] as HoldRequest & { readonly nhsNumbers: readonly string[] };
      const named =
        nhsNumbers.length === 0
          ? { patients: [] }
          : ((await ask('identity-operator', 'patientsNamed', { nhsNumbers })) as Pick<HoldRequest, 'patients'>);
      return ask('operator', method, { ...asked, patients: [...patients, ...named.patients] });
    }
    case 'heldMessages':
      return ask('identity-operator', method, {});
    case 'replayHeld':
      return ask('identity-operator', method, { tracking: args[0], ...(args[1] as object) });
    case 'identity': {
      // Who asks is proved by the cluster's sign-in, not by the secret of one machine.
      const { operator: _, ...input } = (args[1] ?? {}) as { readonly operator?: unknown };
      return ask('identity-operator', String(args[0]), input);
    }
    default:
      throw new LakeError('Unsupported', 'A deployed lake does not answer this verb; on one machine it does.');
  }
}
