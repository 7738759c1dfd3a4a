import type { Output } from '@pulumi/pulumi';

/** Where values come from: Pulumi's configuration, or a test's. */
export interface ConfigSource {
  /** Every key that is set, without the project's name. */
  keys(): readonly string[];
  text(key: string): string | undefined;
  secret(key: string): Output<string> | undefined;
}

interface SettingText {
  readonly description: string;
  /** The values allowed, as a sentence's end: it stands in errors and in the reference. */
  readonly allowed: string;
}

/** One setting: how its text is read; `undefined` refuses it. */
export interface Setting<Value> extends SettingText {
  readonly kind: 'plain';
  readonly parse: (text: string) => Value | undefined;
  readonly byDefault?: Value;
  /** What is read on with where the value was refused, so that what several values show together is told in the same breath. */
  readonly whenWrong?: Value;
  readonly optional?: true;
  /** Its value is not repeated in an error: what is meant to be public may be given wrongly. */
  readonly hidden?: true;
}

/** A setting whose value is never shown. */
export interface SecretSetting extends SettingText {
  readonly kind: 'secret';
  readonly optional?: true;
}

export type Schema = Readonly<Record<string, Setting<unknown> | SecretSetting>>;

type ValueOf<One> = One extends { readonly kind: 'secret' }
  ? One extends { readonly optional: true }
    ? Output<string> | undefined
    : Output<string>
  : One extends { readonly optional: true; readonly parse: (text: string) => infer Value }
    ? Exclude<Value, undefined> | undefined
    : One extends { readonly parse: (text: string) => infer Value }
      ? Exclude<Value, undefined>
      : never;

export type Settings<OneSchema extends Schema> = { readonly [Key in keyof OneSchema]: ValueOf<OneSchema[Key]> };

export const choice = <const Value extends string>(
  values: readonly Value[],
  description: string,
  byDefault?: NoInfer<Value>,
) => ({
  kind: 'plain' as const,
  description,
  allowed: values.join(', '),
  parse: (text: string): Value | undefined => values.find((value) => value === text),
  ...(byDefault === undefined ? {} : { byDefault }),
});

/** The form of an address does not say that its port or its numbers are any. */
const isReadable = (text: string): boolean => !/^https?:/.test(text) || URL.canParse(text);

/** Text of this form. */
export const matching = (form: RegExp, allowed: string, description: string, byDefault?: string) => ({
  kind: 'plain' as const,
  description,
  allowed,
  parse: (text: string): string | undefined => (form.test(text) && isReadable(text) ? text : undefined),
  ...(byDefault === undefined ? {} : { byDefault }),
});

export const wholeNumber = (least: number, most: number, description: string, byDefault: number) => ({
  kind: 'plain' as const,
  description,
  allowed: `a whole number from ${least} to ${most}`,
  parse: (text: string): number | undefined => {
    const value = Number(text);
    return /^[0-9]+$/.test(text) && value >= least && value <= most ? value : undefined;
  },
  byDefault,
});

/** JSON, each item of this form. */
export const listOf = (form: RegExp, allowed: string, description: string, byDefault?: readonly string[]) => ({
  kind: 'plain' as const,
  description,
  allowed: `a list, each item ${allowed}`,
  parse: (text: string): readonly string[] | undefined => {
    const value = jsonOf(text);
    const good = Array.isArray(value) && value.every((item) => typeof item === 'string' && form.test(item));
    return good ? (value as string[]) : undefined;
  },
  whenWrong: [] as readonly string[],
  ...(byDefault === undefined ? {} : { byDefault }),
});

/** JSON, an object with these keys, each value of this form. */
export const mapOf = <const Key extends string>(
  keys: readonly Key[],
  form: RegExp,
  allowed: string,
  description: string,
) => ({
  kind: 'plain' as const,
  description,
  allowed: `a map with the keys ${keys.join(', ')}, each value ${allowed}`,
  parse: (text: string): Readonly<Partial<Record<Key, string>>> | undefined => {
    const value = jsonOf(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const good = Object.entries(value).every(
      ([key, item]) => keys.some((known) => known === key) && typeof item === 'string' && form.test(item),
    );
    return good ? (value as Partial<Record<Key, string>>) : undefined;
  },
  whenWrong: {} as Readonly<Partial<Record<Key, string>>>,
  byDefault: {} as Readonly<Partial<Record<Key, string>>>,
});

/** JSON, an object with the digest of each image. */
export const digestsOf = (reference: RegExp, description: string) => ({
  kind: 'plain' as const,
  description,
  allowed: 'a map of image references, each value sha256: and 64 hexadecimal digits',
  parse: (text: string): Readonly<Record<string, string>> | undefined => {
    const value = jsonOf(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const good = Object.entries(value).every(
      ([key, digest]) => reference.test(key) && typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest),
    );
    return good ? (value as Record<string, string>) : undefined;
  },
  byDefault: {} as Readonly<Record<string, string>>,
  whenWrong: {} as Readonly<Record<string, string>>,
});

/** JSON that `check` takes; what it refuses is not shown, only that it was. */
export const parsed = <Value>(
  check: (value: unknown) => Value,
  allowed: string,
  description: string,
  byDefault?: NoInfer<Value>,
) => ({
  kind: 'plain' as const,
  description,
  allowed,
  parse: (text: string): Value | undefined => {
    try {
      return check(jsonOf(text));
    } catch {
      return undefined;
    }
  },
  ...(byDefault === undefined ? {} : { byDefault, whenWrong: byDefault }),
  hidden: true as const,
});

/** The same, and it may be left out. */
export const optional = <One extends Setting<unknown> | SecretSetting>(setting: One) => ({
  ...setting,
  optional: true as const,
});

export const secretText = (allowed: string, description: string) => ({
  kind: 'secret' as const,
  description,
  allowed,
});

/**
 * An object that has these keys and no other, each text of its form.
 *
 * @throws RangeError for any other.
 */
export function fieldsOf<Key extends string>(
  value: unknown,
  forms: Readonly<Record<Key, RegExp>>,
): Readonly<Record<Key, string>> {
  const given = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const names = Object.keys(forms) as Key[];
  const isText = (name: Key): boolean => typeof given[name] === 'string' && forms[name].test(given[name]);
  if (!names.every(isText) || Object.keys(given).length > names.length)
    throw new RangeError(`an object with ${names.join(', ')}`);
  return given as Readonly<Record<Key, string>>;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Thrown once, with everything that is wrong. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration of this stack is not right:\n - ${problems.join('\n - ')}\nSet values with \`pulumi config set KEY VALUE\`; docs/configuration.md lists them all.`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads every setting once and collects what is wrong; `check` adds what only several values together show.
 *
 * @throws ConfigError naming key, value seen (never a secret's) and values allowed.
 */
export function readSettings<OneSchema extends Schema>(
  schema: OneSchema,
  source: ConfigSource,
  check: (settings: Settings<OneSchema>) => readonly string[],
): Settings<OneSchema> {
  const problems: string[] = [];
  for (const key of source.keys()) {
    if (!Object.hasOwn(schema, key)) problems.push(`${key}: no such setting`);
  }
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(schema)) {
    if (setting.kind === 'secret') {
      values[key] = source.secret(key);
      if (values[key] === undefined && setting.optional !== true)
        problems.push(`${key}: missing; allowed: ${setting.allowed}. Set it with \`pulumi config set --secret\`.`);
      continue;
    }
    const text = source.text(key);
    if (text === undefined && (setting.byDefault !== undefined || setting.optional === true)) {
      values[key] = setting.byDefault;
      continue;
    }
    values[key] = text === undefined ? undefined : setting.parse(text);
    if (values[key] !== undefined) continue;
    values[key] = setting.whenWrong;
    const shown = setting.hidden === true ? 'not of this form' : JSON.stringify(text);
    problems.push(`${key}: ${text === undefined ? 'missing' : shown}; allowed: ${setting.allowed}`);
  }
  const settings = values as Settings<OneSchema>;
  // What follows from several names them all: where one is wrong, the rest cannot be judged yet.
  const wrong = new Set(problems.map((problem) => problem.split(':')[0]));
  problems.push(...check(settings).filter((problem) => !problem.split(/\W+/).some((word) => wrong.has(word))));
  if (problems.length > 0) throw new ConfigError(problems);
  return settings;
}
