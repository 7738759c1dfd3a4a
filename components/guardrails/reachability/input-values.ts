type Fields = Readonly<Record<string, unknown>>;

/** What an object holds; nothing of anything else. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A secret is recorded as `{ secret: value }`. */
const open = (value: unknown): unknown => {
  const fields = fieldsOf(value);
  return Object.keys(fields).length === 1 && 'secret' in fields ? fields.secret : value;
};

/** Everything at a path of an input: `rules[].destination.bucket` goes through every rule. Nothing when it is absent. */
export function valuesAt(inputs: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [open(inputs)];
  for (const part of path.split('.')) {
    const key = part.replace('[]', '');
    values = values.flatMap((value) => {
      const found = open(fieldsOf(value)[key]);
      if (found === undefined || found === null) return [];
      return part.endsWith('[]') ? listOf(found).map(open) : [found];
    });
  }
  return values;
}

/** A list; one value alone is a list of it, as providers and policies write them. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
};

/** The texts at a path, one by one even where a list stands. */
export const textsAt = (inputs: unknown, path: string): readonly string[] =>
  valuesAt(inputs, path)
    .flatMap(listOf)
    .map(open)
    .flatMap((value) => (typeof value === 'string' ? [value] : typeof value === 'number' ? [String(value)] : []));

export const textAt = (inputs: unknown, path: string): string | undefined => textsAt(inputs, path)[0];

export const numberAt = (inputs: unknown, path: string): number | undefined => {
  const value = Number(valuesAt(inputs, path)[0] ?? Number.NaN);
  return Number.isNaN(value) ? undefined : value;
};

export const flagAt = (inputs: unknown, path: string): boolean => {
  const [value] = valuesAt(inputs, path);
  return value === true || value === 'true';
};

/** Pairs of the fields of an input that is an object or JSON text of one. */
export function documentOf(value: unknown): Fields | undefined {
  const plain = open(value);
  if (typeof plain !== 'string') return typeof plain === 'object' && plain !== null ? fieldsOf(plain) : undefined;
  try {
    return fieldsOf(JSON.parse(plain));
  } catch {
    return undefined;
  }
}
