import { viewFault } from '../view-fault';
import { type Token, tokensOf } from './lexer';
import { type BinaryOperator, binaryOperators, type LiteralType, type Syntax } from './syntax';

/** Binding strength of the operators, weakest first (FHIRPath 2.0.0, section "Operator Precedence"). */
const precedence: readonly (readonly BinaryOperator[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];

/** Longer or deeper expressions are refused, so that no input can exhaust the stack. */
const maximumLength = 10_000;
const maximumTokens = 1_000;
const maximumDepth = 100;

/** Parses one FHIRPath expression; `location` is its place in the definition, for messages. */
export function parseFhirPath(expression: string, location: string): Syntax {
  if (expression.length > maximumLength) {
    throw viewFault(
      location,
      `an expression may have ${maximumLength} characters at most. Name parts of it in a nested select.`,
    );
  }
  const tokens = tokensOf(expression, location);
  if (tokens.length > maximumTokens) {
    throw viewFault(
      location,
      `an expression may have ${maximumTokens} parts at most. Name parts of it in a nested select.`,
    );
  }
  return new Parser(tokens, location).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #location: string;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], location: string) {
    this.#tokens = tokens;
    this.#location = location;
  }

  whole(): Syntax {
    const tree = this.#binary(0);
    if (this.#peek().kind !== 'end') throw this.#fault(`expected the end or one of ${binaryOperators.join(' ')}`);
    return tree;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'symbol' && token.text === text;
  }

  #expect(text: string): void {
    if (!this.#isSymbol(text)) throw this.#fault(`expected "${text}"`);
    this.#next += 1;
  }

  #fault(what: string, at = this.#peek().at): Error {
    return viewFault(this.#location, `${what}. The FHIRPath here is the subset of SQL on FHIR.`, at);
  }

  #binary(level: number): Syntax {
    const operators = precedence[level];
    if (operators === undefined) return this.#unary();
    this.#depth += 1;
    if (this.#depth > maximumDepth * precedence.length) throw this.#fault('the expression is nested too deeply');
    let left = this.#binary(level + 1);
    for (let operator = this.#operator(operators); operator !== undefined; operator = this.#operator(operators)) {
      const { at } = this.#take();
      left = { kind: 'binary', at, operator, left, right: this.#binary(level + 1) };
    }
    this.#depth -= 1;
    return left;
  }

  #operator(allowed: readonly BinaryOperator[]): BinaryOperator | undefined {
    const { kind, text } = this.#peek();
    return kind === 'symbol' || kind === 'identifier' ? allowed.find((operator) => operator === text) : undefined;
  }

  #unary(): Syntax {
    const { at } = this.#peek();
    if (this.#isSymbol('+')) {
      this.#take();
      return this.#unary();
    }
    if (!this.#isSymbol('-')) return this.#path();
    this.#take();
    return { kind: 'negative', at, of: this.#unary() };
  }

  #path(): Syntax {
    let tree = this.#term();
    for (;;) {
      const { at } = this.#peek();
      if (this.#isSymbol('.')) {
        this.#take();
        tree = this.#invocation(tree);
      } else if (this.#isSymbol('[')) {
        this.#take();
        tree = { kind: 'index', at, of: tree, position: this.#binary(0) };
        this.#expect(']');
      } else return tree;
    }
  }

  #term(): Syntax {
    const token = this.#peek();
    const { at, text } = token;
    if (token.kind === 'identifier' || token.kind === 'delimited') {
      if (token.kind === 'identifier' && (text === 'true' || text === 'false')) {
        this.#take();
        return { kind: 'literal', at, type: 'boolean', text };
      }
      return this.#invocation();
    }
    this.#take();
    if (token.kind === 'string') return { kind: 'literal', at, type: 'string', text };
    if (token.kind === 'number') return { kind: 'literal', at, type: text.includes('.') ? 'decimal' : 'integer', text };
    if (token.kind === 'date') return { kind: 'literal', at, ...temporal(text) };
    if (token.kind === 'constant') return { kind: 'constant', at, name: text };
    if (token.kind === 'this') return { kind: 'this', at };
    if (text === '(') {
      const inner = this.#binary(0);
      this.#expect(')');
      return inner;
    }
    if (text === '{') {
      this.#expect('}');
      return { kind: 'empty', at };
    }
    throw this.#fault('expected a name, a literal, a %constant, $this or "("', at);
  }

  #invocation(of?: Syntax): Syntax {
    const token = this.#take();
    const { at, text: name } = token;
    const onto = of === undefined ? {} : { of };
    if (token.kind === 'this' && of === undefined) return { kind: 'this', at };
    if (token.kind !== 'identifier' && token.kind !== 'delimited') {
      throw viewFault(this.#location, 'expected the name of an element or of a function after ".".', at);
    }
    if (token.kind === 'delimited' || !this.#isSymbol('(')) return { kind: 'member', at, ...onto, name };
    this.#take();
    const parameters: Syntax[] = [];
    if (!this.#isSymbol(')')) {
      parameters.push(this.#binary(0));
      while (this.#isSymbol(',')) {
        this.#take();
        parameters.push(this.#binary(0));
      }
    }
    this.#expect(')');
    return { kind: 'call', at, ...onto, name, parameters };
  }
}

/** `@2020-01-01`, `@2020-01-01T10:00:00Z`, `@T10:00`; a trailing T says dateTime with the precision of a date. */
function temporal(text: string): { type: LiteralType; text: string } {
  if (text.startsWith('T')) return { type: 'time', text: text.slice(1) };
  if (text.includes('T')) return { type: 'dateTime', text: text.replace(/T$/, '') };
  return { type: 'date', text };
}
