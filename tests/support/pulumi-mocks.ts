import * as pulumi from '@pulumi/pulumi';

/** What a program registered, its inputs as the provider would get them. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider: string;
  readonly custom: boolean;
}

export const modes = ['apply', 'preview'] as const;
export type Mode = (typeof modes)[number];

/** The mark under which the SDK wraps a secret on the wire. */
const secretMark = '4dabf18193072939515e22adb298388d';

/** Plain values; a secret becomes `{ secret: value }`, so that a test sees secrecy. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (fields[secretMark] !== undefined) return { secret: unwrap(fields.value) };
  return Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, unwrap(inner)]));
}

/**
 * Runs a program under Pulumi's mocks and gives every resource it registered.
 *
 * @param read answers for resources that are read, by name (the data of a site's Secret)
 */
export async function record(
  mode: Mode,
  program: () => void,
  read: Readonly<Record<string, object>> = {},
): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs,
      newResource: ({ type, name, inputs, provider, custom, id }) => {
        recorded.push({
          type,
          name,
          inputs: unwrap(inputs) as Recorded['inputs'],
          provider: provider ?? '',
          custom: custom ?? true,
        });
        const state = mode === 'preview' ? {} : { ...inputs, ...read[name] };
        return { id: id === '' || id === undefined ? `${name}-id` : id, state };
      },
    },
    'nhs-data-lake',
    'test',
    mode === 'preview',
  );
  program();
  // Registration is asynchronous; this waits until nothing is under way.
  await pulumi.runtime.disconnect();
  return recorded;
}

/** The last part of a type: `Secret` of `kubernetes:core/v1:Secret`. */
export const kindOf = ({ type }: Recorded): string => type.slice(type.lastIndexOf(':') + 1);

/** The one resource of this name. */
export function only(recorded: readonly Recorded[], name: string): Recorded {
  const found = recorded.filter((one) => one.name === name);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} resources are named ${name}: ${recorded.map((one) => one.name).join(', ')}`);
  return found[0];
}
