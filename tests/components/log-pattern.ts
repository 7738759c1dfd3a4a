/**
 * Whether a log line meets a filter pattern, as CloudWatch Logs describes its patterns ("Filter pattern syntax for metric filters"):
 * of JSON the comparisons, `&&`, `||` and parentheses; of words between spaces the named columns.
 */
export function meetsPattern(pattern: string, line: unknown): boolean {
  if (pattern.startsWith('[')) return meetsColumns(pattern.slice(1, -1), String(line).split(' '));
  const tokens = pattern.slice(1, -1).match(/"[^"]*"|&&|\|\||!=|NOT EXISTS|[()=]|[^\s()=!]+/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  const either = (): boolean => {
    let holds = both();
    while (tokens[at] === '||') {
      at += 1;
      holds = both() || holds;
    }
    return holds;
  };
  const both = (): boolean => {
    let holds = one();
    while (tokens[at] === '&&') {
      at += 1;
      holds = one() && holds;
    }
    return holds;
  };
  const one = (): boolean => {
    const token = next();
    if (token === '(') {
      const holds = either();
      if (next() !== ')') throw new Error('A parenthesis is not closed.');
      return holds;
    }
    const found = token
      .split('.')
      .slice(1)
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], line);
    const operator = next();
    if (operator === 'NOT EXISTS') return found === undefined;
    const wanted = next();
    // A field that is not there meets no comparison but `!=`.
    return operator === '=' ? equals(found, wanted) : !equals(found, wanted);
  };
  const holds = either();
  if (at < tokens.length) throw new Error(`What follows was not understood: ${tokens.slice(at).join(' ')}`);
  return holds;
}

/** Text in quotation marks is compared with text, with `*` for anything; a number with numbers alone. */
function equals(found: unknown, wanted: string): boolean {
  if (!wanted.startsWith('"')) return found === Number(wanted);
  const text = wanted.slice(1, -1).replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return typeof found === 'string' && new RegExp(`^${text.replaceAll('*', '.*')}$`).test(found);
}

function meetsColumns(columns: string, words: readonly string[]): boolean {
  const named = columns.split(',').map((column) => column.trim());
  return (
    words.length === named.length &&
    named.every((column, index) => {
      const [, wanted] = /^\w+="(.*)"$/.exec(column) ?? [];
      return wanted === undefined || words[index] === wanted;
    })
  );
}
