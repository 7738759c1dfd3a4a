import type { IssueCode } from './operation-outcome';

declare global {
  interface JSON {
    /** ECMA-262 proposal "JSON.parse source text access", in Node 22 and later. */
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

/** A number whose text JavaScript cannot give back (72.50, 1e3, beyond 2^53) is kept as its text by `JSON.rawJSON`. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue | undefined;
}

export interface JsonLimits {
  readonly maxDepth: number;
  /** Values of all kinds in one document. */
  readonly maxValues: number;
  /** UTF-16 units of one string. */
  readonly maxString: number;
  /** Characters of one number. */
  readonly maxNumber: number;
}

export const defaultJsonLimits: JsonLimits = {
  maxDepth: 64,
  maxValues: 5_000_000,
  maxString: 16 * 1024 * 1024,
  maxNumber: 64,
};

/** A body that is not the JSON the lake takes: what is wrong and where, never what was sent. */
export class JsonError extends Error {
  readonly code: IssueCode;

  constructor(code: IssueCode, message: string) {
    super(message);
    this.name = 'JsonError';
    this.code = code;
  }
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

/** A value that should be text; empty when it is not. String() would fail on an exact number, which has no prototype. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Parses bytes strictly (RFC 8259), in one pass and in bounded memory. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = defaultJsonLimits): JsonValue {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new JsonError('structure', 'The body is not valid UTF-8. Send JSON in UTF-8 (RFC 8259).');
  }
  return parseJsonText(text, limits);
}

export function parseJsonText(text: string, limits: JsonLimits = defaultJsonLimits): JsonValue {
  const parser = new Parser(text, limits);
  return parser.document();
}

const quote = 34;
const backslash = 92;
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

class Parser {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('structure', 'there is more after the end of the JSON value');
    return value;
  }

  #fail(code: IssueCode, what: string): never {
    throw new JsonError(code, `The body is not the JSON the lake takes: ${what}, at character ${this.#at + 1}.`);
  }

  #space(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at += 1;
    }
  }

  #value(depth: number): JsonValue {
    if (depth > this.#limits.maxDepth)
      this.#fail('too-costly', `it is nested deeper than ${this.#limits.maxDepth} levels`);
    this.#values += 1;
    if (this.#values > this.#limits.maxValues)
      this.#fail('too-costly', `it holds more than ${this.#limits.maxValues} values`);
    this.#space();
    switch (this.#text.charCodeAt(this.#at)) {
      case 123:
        return this.#object(depth);
      case 91:
        return this.#array(depth);
      case quote:
        return this.#string();
      case 116:
        return this.#word('true', true);
      case 102:
        return this.#word('false', false);
      case 110:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #word<Value extends JsonValue>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('structure', 'a value is missing or not JSON');
    this.#at += word.length;
    return value;
  }

  #object(depth: number): JsonObject {
    const object: JsonObject = {};
    this.#at += 1;
    this.#space();
    if (this.#take(125)) return object;
    for (;;) {
      this.#space();
      if (this.#text.charCodeAt(this.#at) !== quote) this.#fail('structure', 'a name in quotation marks is missing');
      const name = this.#string();
      // An own property called so survives JSON.parse and poisons whoever copies it by assignment.
      if (name === '__proto__') this.#fail('structure', 'an element is called __proto__, which no FHIR element is');
      if (Object.hasOwn(object, name))
        this.#fail('structure', 'an object holds the same name twice; send each element once');
      this.#space();
      if (!this.#take(58)) this.#fail('structure', 'a colon is missing');
      object[name] = this.#value(depth + 1);
      this.#space();
      if (this.#take(125)) return object;
      if (!this.#take(44)) this.#fail('structure', 'a comma or a closing brace is missing');
    }
  }

  #array(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    this.#at += 1;
    this.#space();
    if (this.#take(93)) return array;
    for (;;) {
      array.push(this.#value(depth + 1));
      this.#space();
      if (this.#take(93)) return array;
      if (!this.#take(44)) this.#fail('structure', 'a comma or a closing bracket is missing');
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    const start = this.#at;
    const text = this.#text;
    let escaped = false;
    for (let at = start + 1; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        if (at - start - 1 > this.#limits.maxString)
          this.#fail('too-long', `a string is longer than ${this.#limits.maxString} characters`);
        this.#at = at + 1;
        return escaped ? this.#unescape(start, at + 1) : text.slice(start + 1, at);
      }
      if (code === backslash) {
        escaped = true;
        at += 1;
      } else if (!(code >= 32)) {
        this.#at = Math.min(at, text.length);
        this.#fail('structure', 'a string does not end or holds a control character that is not escaped');
      }
    }
  }

  #unescape(start: number, end: number): string {
    try {
      const value = JSON.parse(this.#text.slice(start, end)) as string;
      if (!value.isWellFormed()) this.#fail('structure', 'a string holds half a surrogate pair');
      return value;
    } catch (error) {
      if (error instanceof JsonError) throw error;
      return this.#fail('structure', 'a string holds an escape that JSON does not know');
    }
  }

  #number(): JsonValue {
    numberToken.lastIndex = this.#at;
    const token = numberToken.exec(this.#text)?.[0];
    if (token === undefined) return this.#fail('structure', 'a value is missing or not JSON');
    if (token.length > this.#limits.maxNumber)
      this.#fail('too-long', `a number has more than ${this.#limits.maxNumber} characters`);
    this.#at += token.length;
    const value = Number(token);
    // The shortest form that JavaScript would write: only then does the number come back letter for letter.
    return String(value) === token ? value : (JSON.rawJSON(token) as unknown as JsonValue);
  }
}
