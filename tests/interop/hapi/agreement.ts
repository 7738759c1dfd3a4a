import type { Case } from './corpus';
import { type Difference, differences } from './differences';

/** An error that a validator finds: its kind and text, and its place. */
export interface Finding {
  readonly text: string;
  readonly place: string;
}

export interface Agreement {
  /** Cases in which both find something, and in which both find nothing. */
  readonly invalid: number;
  readonly valid: number;
  /** Cases explained by each named difference. */
  readonly explained: ReadonlyMap<Difference, readonly string[]>;
  readonly unexplained: readonly string[];
}

/** What a change brought: the findings that the unchanged resource has too say nothing about the change. */
function broughtBy(case_: Case, index: number, findings: readonly (readonly Finding[])[]): readonly Finding[] {
  const own = findings[index]!;
  if (case_.base === undefined) return own;
  const before = new Set(findings[case_.base]!.map(({ text, place }) => `${place} ${text}`));
  return own.filter(({ text, place }) => !before.has(`${place} ${text}`));
}

/** Compares the verdicts case by case; a difference is explained when each finding of the one that finds is named. */
export function agreementOf(
  cases: readonly Case[],
  found: Readonly<Record<Difference['finds'], readonly (readonly Finding[])[]>>,
): Agreement {
  const both = { valid: 0, invalid: 0 };
  const explained = new Map<Difference, string[]>();
  const unexplained: string[] = [];
  for (const [index, one] of cases.entries()) {
    const hapi = broughtBy(one, index, found.hapi);
    const lake = broughtBy(one, index, found.lake);
    if (hapi.length > 0 === lake.length > 0) {
      both[lake.length > 0 ? 'invalid' : 'valid'] += 1;
      continue;
    }
    const finds = hapi.length > 0 ? 'hapi' : 'lake';
    const name = `${one.group} ${one.name}`;
    const findings = [...hapi, ...lake];
    const failed = found.hapi[index]!.find(({ text }) => text.startsWith('FAILED '));
    const reasons = (finds === 'lake' && failed !== undefined ? [failed] : findings).map(({ text }) =>
      differences.find((known) => known.errors.test(text) && (known.finds === finds || text.startsWith('FAILED '))),
    );
    if (reasons.includes(undefined))
      unexplained.push(`${finds} in ${name}: ${findings.map(({ text }) => text).join('; ')}`);
    else for (const reason of new Set(reasons)) explained.set(reason!, [...(explained.get(reason!) ?? []), name]);
  }
  return { ...both, explained, unexplained };
}
