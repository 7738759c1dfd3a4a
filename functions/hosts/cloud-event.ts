import { LakeError } from '../../adapters/ports/errors';
import type { LakeEvent } from '../../adapters/ports/events';

/** Checks what came from outside: the attributes that CloudEvents 1.0 requires, and their version. */
export function checkCloudEvent(value: unknown): LakeEvent {
  const attributes = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  for (const name of ['id', 'source', 'type'] as const) {
    if (typeof attributes[name] !== 'string' || attributes[name] === '')
      throw refused(`The attribute ${name} is missing.`);
  }
  if (attributes.specversion !== '1.0') throw refused('The attribute specversion is not 1.0.');
  return { datacontenttype: 'application/json', ...attributes } as LakeEvent;
}

const refused = (message: string): LakeError =>
  new LakeError('InvalidArgument', `${message} Send CloudEvents 1.0, in binary or structured mode, as JSON.`);
