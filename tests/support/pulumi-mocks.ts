import { type RecordedResource, recordGraph } from '../../stacks/commands/resource-graph';

/** What a program registered, its inputs as the provider would get them. */
export type Recorded = RecordedResource;

export const modes = ['apply', 'preview'] as const;
export type Mode = (typeof modes)[number];

/**
 * Runs a program under Pulumi's mocks and gives every resource it registered.
 *
 * @param read answers for resources that are read, by name (the data of a site's Secret)
 */
export const record = (
  mode: Mode,
  program: () => unknown,
  read: Readonly<Record<string, object>> = {},
): Promise<readonly Recorded[]> =>
  recordGraph(program, {
    preview: mode === 'preview',
    reads: (_type, name) => (read[name] ?? {}) as Readonly<Record<string, unknown>>,
  });

/** The last part of a type: `Secret` of `kubernetes:core/v1:Secret`. */
export const kindOf = ({ type }: Recorded): string => type.slice(type.lastIndexOf(':') + 1);

/** The one resource of this name. */
export function only(recorded: readonly Recorded[], name: string): Recorded {
  const found = recorded.filter((one) => one.name === name);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} resources are named ${name}: ${recorded.map((one) => one.name).join(', ')}`);
  return found[0];
}
