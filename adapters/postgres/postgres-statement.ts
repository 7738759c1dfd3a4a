import { timeLeft } from '../shared/time-limit';

/** A statement as the driver takes it; one that has a name is parsed and planned once on each connection. */
interface PostgresStatement {
  readonly text: string;
  readonly name?: string;
  /** Milliseconds it may take, where that is not what every other may. */
  readonly query_timeout?: number;
}

export type Statement = (text: string) => PostgresStatement;

/** What is kept costs memory on each connection: texts made for one call get no name once so many are known. */
const maxNames = 300;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= maxNames) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}

/** Where the work has a time limit, no statement waits past it; otherwise each may take what the pool gives it. */
export const limited: Statement = (text) => {
  const left = timeLeft();
  return left === Number.POSITIVE_INFINITY ? { text } : { text, query_timeout: Math.max(1, left) };
};

export const timely: Statement = (text) => {
  const name = nameOf(text);
  return name === undefined ? limited(text) : { ...limited(text), name };
};

/** As long as a migration of a large table needs. */
export const patient: Statement = (text) => ({ text, query_timeout: 3_600_000 });
