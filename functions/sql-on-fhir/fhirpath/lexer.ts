import { viewFault } from '../view-fault';

export type TokenKind =
  | 'identifier'
  | 'delimited'
  | 'string'
  | 'number'
  | 'date'
  | 'constant'
  | 'this'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The meaning, not the spelling: escapes of strings are resolved, quotes and prefixes are gone. */
  readonly text: string;
  readonly at: number;
}

/** Alternatives of the lexical grammar (FHIRPath 2.0.0, section "Grammar"); white space and comments come first. */
const lexemes =
  /(?<skip>\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*)|(?<date>@T?[0-9](?:[0-9T:+\-Z]|\.(?=[0-9]))*)|(?<number>[0-9]+(?:\.[0-9]+)?)|(?<string>'(?:[^'\\]|\\[\s\S])*')|%(?:(?<constant>[A-Za-z_][A-Za-z0-9_]*)|`(?<quoted>[^`\\]+)`)|(?<this>\$this\b)|(?<identifier>[A-Za-z_][A-Za-z0-9_]*)|`(?<delimited>[^`\\]+)`|(?<symbol><=|>=|!=|[().,[\]{}=<>+*/-])/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

/** `\uXXXX`, `\n`, `\'` and the like; a backslash before any other character stands for that character. */
function unescaped(body: string): string {
  return body.replace(/\\(?:u([0-9A-Fa-f]{4})|([\s\S]))/g, (_, code: string | undefined, character: string) =>
    code === undefined ? (escapes[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function tokenOf(groups: Record<string, string | undefined>, at: number): Token {
  if (groups.string !== undefined) return { kind: 'string', text: unescaped(groups.string.slice(1, -1)), at };
  if (groups.date !== undefined) return { kind: 'date', text: groups.date.slice(1), at };
  const constant = groups.constant ?? groups.quoted;
  if (constant !== undefined) return { kind: 'constant', text: constant, at };
  for (const kind of ['number', 'this', 'identifier', 'delimited', 'symbol'] as const) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text, at };
  }
  return { kind: 'end', text: '', at };
}

/** Cuts an expression into tokens; the last one is always `end`. */
export function tokensOf(expression: string, location: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    lexemes.lastIndex = at;
    const match = lexemes.exec(expression);
    if (match?.groups === undefined) {
      throw viewFault(
        location,
        'not a FHIRPath token. Allowed are names, literals, %constants, $this and operators.',
        at,
      );
    }
    if (match.groups.skip === undefined) tokens.push(tokenOf(match.groups, at));
    at = lexemes.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}
