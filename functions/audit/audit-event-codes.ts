/**
 * What kinds of event the lake records, each with the codes FHIR R4 `AuditEvent` gives it: RESTful interactions as IHE
 * BALP codes them, the rest by DICOM (PS3.16 CID 400 to 403) or the ISO 21089 record life cycle. Records keep the name on
 * the left for ten years: add names, never give one another meaning.
 */
export interface AuditEventCode {
  readonly type: Coding;
  readonly subtype?: Coding;
  /** AuditEvent.action: create, read, update, delete, execute. */
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
}

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export const dicom = (code: string, display: string): Coding => ({
  system: 'http://dicom.nema.org/resources/ontology/DCM',
  code,
  display,
});

const rest = (code: string, action: AuditEventCode['action']): AuditEventCode => ({
  type: {
    system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
    code: 'rest',
    display: 'Restful Operation',
  },
  subtype: { system: 'http://hl7.org/fhir/restful-interaction', code, display: code },
  action,
});

const lifecycle = (code: string, action: AuditEventCode['action']): AuditEventCode => ({
  type: { system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code },
  action,
});

const securityAlert = dicom('110113', 'Security Alert');
const applicationActivity = dicom('110100', 'Application Activity');

export const auditEventCodes = {
  create: rest('create', 'C'),
  update: rest('update', 'U'),
  patch: rest('patch', 'U'),
  read: rest('read', 'R'),
  delete: rest('delete', 'D'),
  search: rest('search', 'E'),
  history: rest('history', 'R'),
  capabilities: rest('capabilities', 'R'),
  transaction: rest('transaction', 'E'),
  batch: rest('batch', 'E'),
  operation: rest('operation', 'E'),
  login: { type: dicom('110114', 'User Authentication'), subtype: dicom('110122', 'Login'), action: 'E' },
  start: { type: applicationActivity, subtype: dicom('110120', 'Application Start'), action: 'E' },
  stop: { type: applicationActivity, subtype: dicom('110121', 'Application Stop'), action: 'E' },
  job: { type: applicationActivity, action: 'E' },
  query: { type: dicom('110112', 'Query'), action: 'E' },
  export: { type: dicom('110106', 'Export'), action: 'R' },
  import: { type: dicom('110107', 'Import'), action: 'C' },
  auditUsed: { type: dicom('110101', 'Audit Log Used'), action: 'R' },
  securityConfiguration: { type: securityAlert, subtype: dicom('110129', 'Security Configuration'), action: 'U' },
  restrictedFunction: { type: securityAlert, subtype: dicom('110132', 'Use of Restricted Function'), action: 'E' },
  accessChange: {
    type: securityAlert,
    subtype: dicom('110137', 'User Security Attributes Changed'),
    action: 'U',
  },
  erase: lifecycle('destroy', 'D'),
  disclose: lifecycle('disclose', 'R'),
  link: lifecycle('link', 'U'),
  unlink: lifecycle('unlink', 'U'),
  pseudonymise: lifecycle('pseudonymize', 'U'),
  reidentify: lifecycle('reidentify', 'R'),
  restore: lifecycle('restore', 'C'),
  schemaChange: lifecycle('amend', 'U'),
} satisfies Record<string, AuditEventCode>;

export type AuditEventName = keyof typeof auditEventCodes;
