import { type IssueCode, type OperationOutcomeIssue, operationOutcome } from '../fhir/operation-outcome';

/**
 * A request the lake does not take: the HTTP status, and the issues that say what was refused, what is allowed and what
 * to do next. Never a submitted value.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly issues: readonly OperationOutcomeIssue[];
  readonly headers: Readonly<Record<string, string>>;
  /** Its audit record is written already: the ledger judged the request and recorded that in the same transaction. */
  readonly audited: boolean;

  constructor(
    status: number,
    issues: readonly OperationOutcomeIssue[],
    headers: Readonly<Record<string, string>> = {},
    audited = false,
  ) {
    super(`refused with ${status}: ${issues.map((issue) => issue.code).join(', ')}`);
    this.name = 'Refusal';
    this.status = status;
    this.issues = issues;
    this.headers = headers;
    this.audited = audited;
  }

  static of(
    status: number,
    code: IssueCode,
    diagnostics: string,
    expression?: string,
    headers?: Readonly<Record<string, string>>,
  ): Refusal {
    const issue: OperationOutcomeIssue = {
      severity: 'error',
      code,
      diagnostics,
      ...(expression === undefined ? {} : { expression: [expression] }),
    };
    return new Refusal(status, [issue], headers);
  }

  static badRequest(code: IssueCode, diagnostics: string, expression?: string): Refusal {
    return Refusal.of(400, code, diagnostics, expression);
  }

  static unprocessable(code: IssueCode, diagnostics: string, expression?: string): Refusal {
    return Refusal.of(422, code, diagnostics, expression);
  }

  get outcome(): object {
    return operationOutcome(this.issues);
  }
}

/** By shape, so that it also holds across two bundled copies. */
export const isRefusal = (error: unknown): error is Refusal => error instanceof Error && error.name === 'Refusal';
