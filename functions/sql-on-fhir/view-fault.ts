import { LakeError } from '../../adapters/ports/errors';

/**
 * A fault of a definition, found when it is compiled. `location` is the place inside the definition
 * (`select[0].column[2].path`), `offset` the character inside a FHIRPath expression, counted from 1. The text of the
 * definition itself is not repeated: a constant may well hold an identifier.
 */
export function viewFault(location: string, what: string, offset?: number): LakeError {
  const place = offset === undefined ? location : `${location}, character ${offset + 1}`;
  return new LakeError('InvalidArgument', `${place}: ${what}`);
}
