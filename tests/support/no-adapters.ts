import assert from 'node:assert/strict';
import type { AdapterFactories } from '../../functions/hosts/injection';

const unused = (): never => assert.fail('An adapter was made that nothing asked for.');

/** A host without adapters: whoever has one made fails its test. */
export const noAdapters: AdapterFactories = {
  objectStore: unused,
  key: unused,
  state: unused,
  events: unused,
  catalogue: unused,
  query: unused,
  requests: unused,
  callers: unused,
};
