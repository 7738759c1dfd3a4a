import { LakeError } from '../../adapters/ports/errors';

const kinds = {
  text: (value: unknown): value is string => typeof value === 'string',
  'text?': (value: unknown): value is string | undefined => value === undefined || typeof value === 'string',
  number: (value: unknown): value is number => typeof value === 'number',
  flag: (value: unknown): value is boolean => typeof value === 'boolean',
  texts: (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'string'),
  list: (value: unknown): value is readonly unknown[] => Array.isArray(value),
  record: (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value),
} as const;

type Kind = keyof typeof kinds;
type ValueOf<One extends Kind> = (typeof kinds)[One] extends (value: unknown) => value is infer Value ? Value : never;

/**
 * What a command of another machine gave with its request, as the operation takes it.
 *
 * @throws LakeError `InvalidArgument` naming the fields, never what stood there.
 */
export function inputOf<Form extends Readonly<Record<string, Kind>>>(
  input: unknown,
  form: Form,
): { readonly [Name in keyof Form]: ValueOf<Form[Name]> } {
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, kind] of Object.entries(form))
    if (!kinds[kind](given[name]))
      throw new LakeError(
        'InvalidArgument',
        `The request is not of this form: ${Object.keys(form).join(', ')}. Is the command of the same release?`,
      );
  return given as { readonly [Name in keyof Form]: ValueOf<Form[Name]> };
}
