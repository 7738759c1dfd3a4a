import { LakeError } from '../../../adapters/ports/errors';
import {
  isOperation,
  type OperationName,
  type OperationRecord,
  operationRecords,
  recorded,
  unknownOperation,
} from '../../operator/operation-records';
import { type IdentityOperation, identityOperations } from './local-identity';
import type { Operator } from './operator';

/** What a command may ask of a lake: the methods of Operator that have a record, and the door to the identity zone. */
export type OperatorMethod = Extract<keyof Operator, OperationName | 'identity'>;
export type OperatorArguments<Method extends OperatorMethod> = Operator[Method] extends (
  ...args: infer Args
) => Promise<unknown>
  ? Args
  : never;
export type OperatorResult<Method extends OperatorMethod> = Operator[Method] extends (
  ...args: never[]
) => Promise<infer Result>
  ? Result
  : never;

function recordOf(operator: Operator, method: string, [name]: readonly unknown[]): OperationRecord | undefined {
  if (method === 'identity')
    return identityOperations.includes(name as IdentityOperation)
      ? operationRecords[name as IdentityOperation]
      : undefined;
  return isOperation(method) && method in operator ? operationRecords[method] : undefined;
}

/**
 * Does what an operator asks, recorded. Both ways to a lake lead through here, the socket and the opened folder.
 *
 * @throws LakeError what the operation throws; `Unsupported` for one that is none.
 */
export async function performOperation<Method extends OperatorMethod>(
  operator: Operator,
  method: Method,
  args: OperatorArguments<Method>,
): Promise<OperatorResult<Method>> {
  const known = recordOf(operator, method, args);
  return recorded(
    known ?? unknownOperation,
    (told) => operator.record(told),
    async () => {
      if (known === undefined)
        throw new LakeError('Unsupported', 'The lake knows no such operation. Stop it and start it with this version.');
      const perform = operator[method] as (...all: OperatorArguments<Method>) => Promise<OperatorResult<Method>>;
      return perform.apply(operator, args);
    },
  );
}
