import type { AuditRecord } from '../audit/audit-record';
import type { LinkDecision, Supersession } from './person-links';

/** What the identity zone knows of one resource of one provider: the part that the split took out. */
export interface IdentityRow {
  readonly provider: string;
  readonly type: string;
  /** Re-keyed: the same id as in the lake. */
  readonly id: string;
  readonly requestId: string;
  /** JSON of the removed part. */
  readonly record: string;
  /** Digits of a verified NHS number (status 01), the one thing that may join two providers' patients. */
  readonly verifiedNhsNumber: string | undefined;
}

/** What the split reported of one message. */
export interface ReportRow {
  readonly provider: string;
  readonly requestId: string;
  /** JSON of a MessageReport. */
  readonly report: string;
}

/** What one landed object brought. */
export interface Landed {
  /** How many erasures there had been before it was read. */
  readonly erasures: number;
  readonly rows: readonly IdentityRow[];
  readonly reports: readonly ReportRow[];
}

export interface PersonLink {
  /** `Patient/<re-keyed id>`. */
  readonly patientRef: string;
  readonly personId: string;
  readonly basis: 'verified' | 'provisional';
}

/** A held message: its tracking id is the request id of its replay. */
export interface MessageOrigin {
  readonly provider: string;
  readonly tracking: string;
  readonly requestId: string;
}

export interface PatientLifespan {
  /** FHIR date, whole or in part. */
  readonly birthDate: string | undefined;
  /** FHIR dateTime, or true when only the fact is known. */
  readonly deceased: string | true | undefined;
}

export interface IdentityRegister {
  /** How many erasures there have been. */
  erasures(): Promise<number>;
  /**
   * Takes what one landed object brought in, once; gives how many links changed. `Unavailable` where people were erased since it was
   * read, or the pseudonym key rotated: it is read again.
   */
  absorb(object: string, landed: Landed, audit: AuditRecord): Promise<number>;
  /** The reports of messages with this request id; several providers may have used the same. */
  reportsOf(requestId: string, audit: AuditRecord): Promise<readonly ReportRow[]>;
  /** A person's decision about one patient; gives how many links changed. `NotFound` when the lake knows no such patient. */
  decide(decision: LinkDecision, audit: AuditRecord): Promise<number>;
  supersede(supersession: Supersession, audit: AuditRecord): Promise<number>;
  links(): Promise<readonly PersonLink[]>;
  /** How often links changed, and up to which change they are published. */
  linkRevision(): Promise<{ readonly made: number; readonly published: number }>;
  linksPublished(made: number): Promise<void>;
  /** Every NHS number the zone knows of these patients: of their person, and as their records claim it. */
  numbersOf(patients: readonly string[]): Promise<readonly string[]>;
  /** Birth and death of these patients, as their records say; patients without a record are left out. */
  lifespansOf(patients: readonly string[]): Promise<ReadonlyMap<string, PatientLifespan>>;
  /** Forgets resources and the links of patients; gives how many records went. */
  erase(
    resources: readonly { readonly provider: string; readonly type: string; readonly id: string }[],
    patients: readonly string[],
    audit: AuditRecord,
  ): Promise<number>;
  /** Remembers which request a replayed message came by first: an erasure must find that sealed original too. */
  replayed(origin: MessageOrigin): Promise<void>;
  /** Requests that messages replayed as one of these came by. */
  originsOf(
    requests: readonly { readonly provider: string; readonly requestId: string }[],
  ): Promise<readonly MessageOrigin[]>;
  /** Records what changes no row here: a look, a refusal. */
  record(audit: AuditRecord): Promise<void>;
  /** Every patient of the person that this verified number names, also as one that was superseded. */
  patientsOf(nhsNumber: string): Promise<readonly string[]>;
}
