import { parseArgs } from 'node:util';

export type OptionValue = string | boolean | undefined;
export type Options = Readonly<Record<string, OptionValue>>;

export interface OptionDescription {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help: DIR, CODE. */
  readonly value?: string;
  readonly help: string;
}

/** What a verb may use of the outside; tests give another. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** True where a progress line can be rewritten. */
  readonly interactive: boolean;
}

export interface VerbCall {
  readonly positionals: readonly string[];
  readonly options: Options;
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** One verb of the command line: its help and what it does. Gives the exit code: 0 done, 1 refused or failed, 2 usage. */
export interface Verb {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly options?: Readonly<Record<string, OptionDescription>>;
  /** The most arguments it takes beside options; none unless said. */
  readonly most?: number;
  /** It may take a while, and shows a person that it goes on. */
  readonly long?: true;
  run(call: VerbCall): Promise<number>;
}

/** The call is wrong: says how it should be. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Of every verb that an operator may ask of a deployed lake. */
export const operatorOptions: Readonly<Record<string, OptionDescription>> = {
  stack: {
    type: 'string',
    value: 'NAME',
    help: 'a deployed lake: the Pulumi stack of this folder (default this machine)',
  },
  operator: { type: 'string', value: 'NAME', help: 'who asks there, as the stack names you (or LAKE_OPERATOR)' },
};

/** Options that every verb takes. */
const everywhere: Readonly<Record<string, OptionDescription>> = {
  data: { type: 'string', value: 'DIR', help: 'folder of the lake (default .lake, or LAKE_DATA)' },
  port: { type: 'string', value: 'N', help: 'port of the lake on this machine (default 8080)' },
  json: { type: 'boolean', help: 'machine output' },
  help: { type: 'boolean', help: 'this text' },
};

export function helpOf(verb: Verb): string {
  const lines = Object.entries({ ...verb.options, ...everywhere }).map(([name, { value, help }]) => {
    const left = `  --${name}${value === undefined ? '' : ` ${value}`}`;
    return `${left.padEnd(24)} ${help}`;
  });
  return `${`lake ${verb.name} ${verb.usage}`.trimEnd()}\n\n${verb.summary}\n\n${lines.join('\n')}\n`;
}

/** Reads the arguments of one verb; unknown options are a usage error, not a guess. */
export function readCall(verb: Verb, args: readonly string[]): { positionals: string[]; options: Options } {
  const options = Object.fromEntries(
    Object.entries({ ...verb.options, ...everywhere }).map(([name, { type }]) => [name, { type }]),
  );
  let call: { positionals: string[]; values: Options };
  try {
    call = parseArgs({ args: [...args], options, allowPositionals: true, allowNegative: true, strict: true });
  } catch (error) {
    // What Node says beyond its first sentence is about arguments that begin with a dash, which no verb takes.
    const [said] = error instanceof Error ? error.message.split('. ', 1) : ['The options cannot be read'];
    throw new UsageError(`${said?.replace(/\.$/, '')}.`);
  }
  const { positionals, values } = call;
  const { most = 0 } = verb;
  // An option whose dashes were forgotten would be left out without a word.
  if (positionals.length > most)
    throw new UsageError(most === 0 ? 'It takes options only.' : `Name no more than ${most}: the rest are options.`);
  return { positionals, options: values };
}

export function requiredOption(options: Options, name: string): string {
  const value = options[name];
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} is required.`);
  return value;
}

export const textOption = (options: Options, name: string): string | undefined =>
  typeof options[name] === 'string' ? options[name] : undefined;
