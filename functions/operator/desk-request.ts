import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { Manifest } from '../manifest';

/**
 * Answers the desk that the manifest names, and nobody else. What is answered, the desk records under the person's name; a refusal
 * stands here.
 *
 * @throws LakeError `PermissionDenied`.
 */
export const answersDesk =
  (
    { name, trigger }: Pick<Manifest, 'name' | 'trigger'>,
    record: (audit: Omit<AuditRecord, 'recorded' | 'purpose'>) => Promise<unknown>,
    answer: (request: unknown) => Promise<unknown>,
  ) =>
  async (caller: string | undefined, request: unknown): Promise<unknown> => {
    const from = trigger.kind === 'request' ? trigger.from : {};
    if (caller !== undefined && Object.hasOwn(from, caller)) return answer(request);
    await record({
      event: 'restrictedFunction',
      action: `request:${name}`,
      agent: { kind: 'function', id: 'unknown' },
      outcome: { result: 'denied', code: 'not-allowed' },
    });
    throw new LakeError('PermissionDenied', `Only ${Object.keys(from).join(', ')} may ask ${name}.`);
  };
