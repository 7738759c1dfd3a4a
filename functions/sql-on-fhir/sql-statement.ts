import { viewFault } from './view-fault';

/**
 * The lexical parts of an SQL statement that matter to keep it whole inside another: strings, quoted names and comments are
 * opaque; what may break out (`;`, an unmatched `)`, `$` quotes) is refused; `:name` outside of them is a parameter.
 */
const lexemes =
  /(?<escaped>(?<![A-Za-z0-9_\u0080-\uffff])[eE]'(?:[^'\\]|\\[\s\S]|'')*')|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<line>--[^\r\n]*)|(?<block>\/\*(?:(?!\/\*|\*\/)[\s\S])*\*\/)|(?<cast>::)|:(?<parameter>[A-Za-z][A-Za-z0-9_]*)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<other>[^'"])/gy;

/** Replaces each parameter by what `bind` gives for its name, and refuses what is not one plain query. */
export function bindSql(sql: string, location: string, bind: (name: string) => string): string {
  const parts: string[] = [];
  const open: string[] = [];
  let at = 0;
  lexemes.lastIndex = 0;
  const text = sql.replace(/[;\s]+$/, '');
  while (at < text.length) {
    lexemes.lastIndex = at;
    const match = lexemes.exec(text);
    const groups = match?.groups;
    if (match === null || groups === undefined) throw viewFault(location, 'a string or a quoted name has no end.', at);
    const lexeme = match[0];
    if (groups.parameter !== undefined) parts.push(bind(groups.parameter));
    else parts.push(lexeme);
    if (groups.other !== undefined) checkSymbol(text, at, open, location);
    at = lexemes.lastIndex;
  }
  if (open.length > 0) throw viewFault(location, 'a bracket is not closed.');
  return parts.join('');
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function checkSymbol(text: string, at: number, open: string[], location: string): void {
  const symbol = text.charAt(at);
  if (symbol === ';') throw viewFault(location, 'holds more than one statement. Give one query.', at);
  if (symbol === '$') throw viewFault(location, 'parameters are written :name; $ is not allowed.', at);
  if (symbol === '\u0000') throw viewFault(location, 'holds the character NUL.', at);
  // An opening that the pattern of comments did not take has no end, or holds another.
  if (text.startsWith('/*', at)) throw viewFault(location, 'a comment has no end, or holds another comment.', at);
  const expected = closing[symbol];
  if (expected !== undefined) open.push(expected);
  else if (symbol === ')' || symbol === ']' || symbol === '}') {
    if (open.pop() !== symbol) throw viewFault(location, 'a bracket is closed that was not opened.', at);
  }
}
