import { LakeError } from '../../adapters/ports/errors';
import { type AuditReport, together } from '../audit/audit-verify';
import type { ExtractRequest } from '../hosts/local/local-extracts';
import { operatorAccount } from '../operator/manifest';
import { isGoingOn } from '../operator/run-goes-on';
import type { HoldRequest } from '../retention/legal-holds';
import { type AwsDesk, askLambda } from './aws-desk';
import { askPod, type KubernetesDesk } from './kubernetes-desk';
import { stackOutputs } from './stack-outputs';
import { type Options, requiredOption, textOption } from './verb';

type Desk = KubernetesDesk | AwsDesk;

/** The function of the stack that answers: the lake's own, or the identity zone's. */
type DeskName = 'operator' | 'identity-operator';

const notAnswering = (): LakeError =>
  new LakeError('PreconditionFailed', 'This stack answers no operators. Bring it to this release: `pulumi up`.');

/** Asks a deployed lake as a person who operates it, by the rights of that one person where the lake is deployed. */
async function askStack(options: Options, name: DeskName, method: string, input: unknown): Promise<unknown> {
  const { desks } = await stackOutputs<{ readonly desks?: Readonly<Record<string, Desk>> }>(
    requiredOption(options, 'stack'),
  );
  const desk = desks?.[name];
  if (desk === undefined) throw notAnswering();
  const person = textOption(options, 'operator') ?? process.env.LAKE_OPERATOR;
  if (person === undefined)
    throw new LakeError('InvalidArgument', 'Say who asks: --operator NAME or LAKE_OPERATOR, as the stack names you.');
  const account = operatorAccount(person);
  if ('functionName' in desk) return askLambda(desk, account, { method, input });
  // Accounts of people are where the lake's own desk is.
  const home = desks?.operator;
  if (home === undefined || !('namespace' in home)) throw notAnswering();
  return askPod(desk, home.namespace, account, { method, input });
}

/** What an operation of one machine is on a deployed lake; numbers go to the identity zone's desk and to no other. */
export async function operateStack(options: Options, method: string, args: readonly unknown[]): Promise<unknown> {
  const ask = async (name: DeskName, asked: string, input: unknown): Promise<unknown> => {
    let answer = await askStack(options, name, asked, input);
    while (isGoingOn(answer)) answer = await askStack(options, name, 'awaitRun', { id: answer.goesOn });
    return answer;
  };
  switch (method) {
    case 'status':
    case 'jobs':
    case 'redrive':
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
    case 'extract': {
      const { definition, out, ...asked } = args[0] as ExtractRequest;
      if (definition !== undefined || out !== undefined)
        throw new LakeError(
          'Unsupported',
          'A deployed lake extracts marts of its own library into its zone of releases: leave --definition and --out out.',
        );
      return ask('operator', method, asked);
    }
    case 'sql':
      return ask('operator', method, { text: args[0] });
    case 'disableProvider':
    case 'enableProvider':
      return ask('operator', method, { ods: args[0] });
    case 'erase':
      return ask('operator', method, await ask('identity-operator', 'findPeople', args[0]));
    case 'certificates':
    case 'retentionReport':
    case 'releaseHold':
      return ask('operator', method, args[0]);
    case 'holds':
    case 'expire':
    case 'rotatePseudonymKey':
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
      // Who asks is proved by the cluster's or account's sign-in, not by the secret of one machine.
      const { operator: _, ...input } = (args[1] ?? {}) as { readonly operator?: unknown };
      return ask('identity-operator', String(args[0]), input);
    }
    default:
      throw new LakeError('Unsupported', 'A deployed lake does not answer this verb; on one machine it does.');
  }
}
