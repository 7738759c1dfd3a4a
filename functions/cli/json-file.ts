import { readFileSync } from 'node:fs';
import { LakeError } from '../../adapters/ports/errors';

/** Reads a file of JSON. What the parser says of a file that is none would quote it. */
export function readJsonFile(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new LakeError('InvalidArgument', `The file ${path} is not JSON.`);
  }
}
