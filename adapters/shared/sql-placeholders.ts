/**
 * The texts between the `?` placeholders of one SQL statement, in order: n placeholders give n + 1 texts. A `?` in a
 * quoted text, a quoted name or a comment is no placeholder (lexical rules common to SQLite and PostgreSQL).
 */
export function splitPlaceholders(sql: string): string[] {
  const texts: string[] = [];
  let from = 0;
  for (const match of sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g)) {
    if (match[0] !== '?') continue;
    texts.push(sql.slice(from, match.index));
    from = match.index + 1;
  }
  texts.push(sql.slice(from));
  return texts;
}

const transactionControl =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:begin|start|commit|end|rollback|abort|savepoint|release|attach|detach|pragma|vacuum)\b/i;

/** Statements that would escape the transaction they run in; the port runs none of them. */
export function isTransactionControl(sql: string): boolean {
  return transactionControl.test(sql);
}
