import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { Trigger } from '../manifest';
import { people } from './manifest';
import {
  isOperation,
  type OperationName,
  type OperationRecord,
  operationRecords,
  recorded,
  unknownOperation,
} from './operation-records';

/** What {@link operatorAccount} makes. */
const account = /^operator-([a-z0-9-]{1,50})$/;

/**
 * What people may ask of one desk, by name.
 *
 * @param who the name of the person
 */
export type DeskOperations = Readonly<
  Partial<Record<OperationName, (input: unknown, who: string) => Promise<unknown>>>
>;

/**
 * Answers people: who asks is what the host proved, what may be asked is what the manifest names. Each look, each refusal and
 * each failure leaves one audit record, written before anything is answered.
 */
export function operatorAnswers(
  { trigger }: { readonly trigger: Trigger },
  operations: DeskOperations,
  record: (audit: Omit<AuditRecord, 'recorded' | 'purpose'>) => Promise<unknown>,
): (caller: string | undefined, request: unknown) => Promise<unknown> {
  const allowed = trigger.kind === 'request' ? (trigger.from[people] ?? []) : [];
  return (caller, request) => {
    const who = account.exec(caller ?? '')?.[1];
    const { method, input } = (request ?? {}) as { readonly method?: unknown; readonly input?: unknown };
    const named = isOperation(method) && allowed.includes(method) ? method : undefined;
    const perform = named === undefined ? undefined : operations[named];
    const { event, action, itself }: OperationRecord = named === undefined ? unknownOperation : operationRecords[named];
    const agent = { kind: 'operator', id: who ?? 'unknown' } as const;
    return recorded(
      // Refusals are recorded here, whoever records them on one machine.
      itself === undefined ? { event, action } : { event, action, itself: 'done' },
      (told) => record({ ...told, agent }),
      async () => {
        if (who === undefined)
          throw new LakeError(
            'PermissionDenied',
            'Only operators whom the stack names may ask here. See `operators` in docs/configuration.md.',
          );
        if (perform === undefined)
          throw new LakeError('Unsupported', `A deployed lake answers ${allowed.join(', ')} here.`);
        return perform(input, who);
      },
    );
  };
}
