import type { Step } from './pulumi-stack';

/** `update ingest-service`, without the stack itself. */
export const named = (steps: readonly Step[]): readonly string[] =>
  steps
    .filter(({ urn }) => !urn.includes('::pulumi:pulumi:Stack::'))
    .map(({ op, urn }) => `${op} ${urn.slice(urn.lastIndexOf('::') + 2)}`)
    .sort();

/** What of these types would be deleted or replaced; their data, or the names of what holds it, would go. */
export const replaced = (steps: readonly Step[], stateful: readonly string[]): readonly string[] =>
  steps
    .filter(({ op, urn }) => /replace|delete/.test(op) && stateful.some((kind) => urn.includes(kind)))
    .map(({ urn }) => urn);
