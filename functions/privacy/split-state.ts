import type { JsonObject, JsonValue } from '../fhir/json';
import { longerRetention, type RetentionClass } from './rules/retention-codes';
import type { SensitivityLabel } from './rules/sensitive-codes';
import type { Tokeniser } from './tokens';

export type DropReason =
  | 'not-kept'
  | 'free-text'
  | 'narrative'
  | 'name'
  | 'address'
  | 'contact'
  | 'attachment'
  | 'identifier'
  | 'person-identifier'
  | 'birth-detail'
  | 'technical'
  | 'display'
  | 'unknown-element'
  | 'unknown-extension'
  | 'unknown-code-system'
  | 'not-a-code'
  | 'not-a-unit'
  | 'not-on-the-list'
  | 'format'
  | 'identifying-value'
  | 'unresolved-reference'
  | 'protected-location'
  | 'nothing-left';

/** One kind of change at one element; the path is made of FHIR's own names, never of a sender's. */
export interface ReportLine {
  readonly path: string;
  readonly action: 'dropped' | 'tokenised' | 'generalised';
  readonly reason: DropReason | 'pseudonym' | 'date' | 'postcode';
}

/** Why a resource cannot be split. The path is an element of FHIR, never a value. */
export interface QuarantineReason {
  readonly code:
    | 'unknown-type'
    | 'no-id'
    | 'structure'
    | 'unknown-modifier-extension'
    | 'implicit-rules'
    | 'modifier-lost'
    | 'rule-failed';
  readonly path: string;
}

/** What a rule makes of one value; undefined drops it. Rules count what they drop. */
export type ValueRule = (value: JsonValue, state: SplitState) => JsonValue | undefined;

/** Where rules find the rules of the types inside theirs. */
export interface RuleSource {
  ruleOf(typeName: string): ValueRule;
  readonly extensions: (path: string) => ValueRule;
}

export interface Container {
  readonly type: string;
  /** Re-keyed: stays the same however the sender names the resource in its next version. */
  readonly id: string;
  /** Local ids of the contained resources that stay, with their type. */
  readonly contained: ReadonlyMap<string, string>;
}

export interface SplitStateOptions {
  readonly provider: string;
  readonly tokeniser: Tokeniser;
  readonly resolveReference: (reference: string) => string | undefined;
  readonly rekeyedReference: ((reference: string) => string | undefined) | undefined;
  readonly restricted: boolean;
  readonly retention: RetentionClass;
  readonly container: Container;
}

/** What a walk over one resource remembers. */
export class SplitState {
  readonly provider: string;
  readonly tokeniser: Tokeniser;
  readonly resolveReference: (reference: string) => string | undefined;
  readonly rekeyedReference: ((reference: string) => string | undefined) | undefined;
  /** The person's whereabouts are protected (confidentiality R or V): no location anywhere. */
  readonly restricted: boolean;
  readonly container: Container;
  readonly counts = new Map<ReportLine, number>();
  readonly quarantine: QuarantineReason[] = [];
  readonly sensitive = new Set<SensitivityLabel>();
  retention: RetentionClass;

  constructor(options: SplitStateOptions) {
    this.provider = options.provider;
    this.tokeniser = options.tokeniser;
    this.resolveReference = options.resolveReference;
    this.rekeyedReference = options.rekeyedReference;
    this.restricted = options.restricted;
    this.container = options.container;
    this.retention = options.retention;
  }

  count(line: ReportLine): undefined {
    this.counts.set(line, (this.counts.get(line) ?? 0) + 1);
  }

  /** The walker does not understand what it sees: the resource goes to quarantine, whatever else is said of it. */
  refuse(code: QuarantineReason['code'], path: string): undefined {
    // A thousand like reasons help nobody and would make the record grow with the message.
    if (this.quarantine.length < 20) this.quarantine.push({ code, path });
  }

  holdFor(retention: RetentionClass | undefined): void {
    if (retention !== undefined) this.retention = longerRetention(this.retention, retention);
  }
}

export const dropped = (path: string, reason: DropReason): ReportLine => ({ path, action: 'dropped', reason });

/** Plain objects only: `JSON.rawJSON` numbers are objects to JavaScript. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** The text of a number, sent plain or kept letter for letter by the parser (`JSON.rawJSON`). Undefined for what is no number. */
export function numberText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null && JSON.isRawJSON(value))
    return (value as { rawJSON?: string }).rawJSON;
  return undefined;
}
