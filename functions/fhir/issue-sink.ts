import type { IssueCode, OperationOutcomeIssue } from './operation-outcome';

/** Collects the issues of one validation in order, up to a cap; paths are only put together when something is wrong. */
export class IssueSink {
  readonly issues: OperationOutcomeIssue[] = [];
  readonly #cap: number;
  #dropped = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  add(severity: OperationOutcomeIssue['severity'], code: IssueCode, path: Path, diagnostics: string): void {
    if (this.issues.length >= this.#cap) this.#dropped += 1;
    else this.issues.push({ severity, code, diagnostics, expression: [expressionOf(path)] });
  }

  error(code: IssueCode, path: Path, diagnostics: string): void {
    this.add('error', code, path, diagnostics);
  }

  finish(): readonly OperationOutcomeIssue[] {
    if (this.#dropped > 0) {
      this.issues.push({
        severity: 'information',
        code: 'informational',
        diagnostics: `${this.#dropped} more issues are not listed. Mend these first.`,
      });
    }
    return this.issues;
  }
}

/** A place in a resource, as a list from the inside out: cheap to extend, written out only for an issue. */
export interface Path {
  readonly parent: Path | undefined;
  readonly step: string | number;
}

export function expressionOf(path: Path): string {
  const steps: (string | number)[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.parent) steps.push(at.step);
  return steps
    .reverse()
    .reduce<string>(
      (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
      '',
    );
}
