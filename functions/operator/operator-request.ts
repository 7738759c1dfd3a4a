import { LakeError } from '../../adapters/ports/errors';
import type { AuditEventName } from '../audit/audit-event-codes';
import type { AuditRecord } from '../audit/audit-record';
import type { Trigger } from '../manifest';
import { people } from './manifest';

/** What {@link operatorAccount} makes. */
const account = /^operator-([a-z0-9-]{1,50})$/;

/** One thing that people may ask: how it stands in the audit, and what it does. */
export interface OperatorOperation {
  readonly event: AuditEventName;
  /** The verb of the command line. */
  readonly action: string;
  /** It writes its own record with what it does; refusals are recorded here. */
  readonly recordsItself?: true;
  /** @param who the name of the person */
  perform(input: unknown, who: string): Promise<unknown>;
}

/**
 * Answers people: who asks is what the host proved, what may be asked is what the manifest names. Each look, each refusal and
 * each failure leaves one audit record, written before anything is answered.
 */
export function operatorAnswers(
  { trigger }: { readonly trigger: Trigger },
  operations: Readonly<Record<string, OperatorOperation>>,
  record: (audit: Omit<AuditRecord, 'recorded' | 'purpose'>) => Promise<unknown>,
): (caller: string | undefined, request: unknown) => Promise<unknown> {
  const allowed = trigger.kind === 'request' ? (trigger.from[people] ?? []) : [];
  return async (caller, request) => {
    const who = account.exec(caller ?? '')?.[1];
    const { method, input } = (request ?? {}) as { readonly method?: unknown; readonly input?: unknown };
    const known = typeof method === 'string' && allowed.includes(method) ? operations[method] : undefined;
    const { event, action } = known ?? { event: 'restrictedFunction' as const, action: 'lake operation' };
    const agent = { kind: 'operator', id: who ?? 'unknown' } as const;
    if (who === undefined || known === undefined) {
      await record({ event, action, agent, outcome: { result: 'denied', code: 'not-allowed' } });
      throw who === undefined
        ? new LakeError(
            'PermissionDenied',
            'Only operators whom the stack names may ask here. See `operators` in docs/configuration.md.',
          )
        : new LakeError('Unsupported', `A deployed lake answers ${allowed.join(', ')} here.`);
    }
    let result: unknown;
    try {
      result = await known.perform(input, who);
    } catch (error) {
      const code = error instanceof LakeError ? error.code : 'Unknown';
      await record({ event, action, agent, outcome: { result: 'failed', code } });
      throw error;
    }
    if (known.recordsItself !== true)
      await record({ event, action, agent, outcome: { result: 'allowed', code: 'done' } });
    return result;
  };
}
