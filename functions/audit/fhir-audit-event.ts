import { isIPv6 } from 'node:net';
import type { AuditEvent, AuditEventAgent, AuditEventEntity } from 'fhir/r4';
import { type AuditEventCode, auditEventCodes, dicom } from './audit-event-codes';
import type { AuditEntity, StoredAuditRecord } from './audit-record';

/** The lake as an audit source. */
export interface AuditSource {
  /** Identifier of the lake, for example its FHIR base URL. */
  readonly id: string;
  /** Host name or address of the lake. */
  readonly address: string;
}

const balp = 'https://profiles.ihe.net/ITI/BALP';
const profiles: Partial<Record<keyof typeof auditEventCodes, string>> = {
  create: 'Create',
  update: 'Update',
  read: 'Read',
};
const entityType = (code: string, display: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code,
  display,
});
const objectRole = (code: string, display: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
  display,
});

/**
 * A record as FHIR R4 `AuditEvent` after IHE Basic Audit Log Patterns (BALP 1.1): agents client and server, the request id
 * as entity `transaction`, the touched resources as entities `data`, the person as entity `patient` (re-keyed). A success
 * claims its BALP profile; a refusal or failure carries an OperationOutcome instead, as BALP asks.
 */
export function toFhirAuditEvent(record: StoredAuditRecord, source: AuditSource): AuditEvent {
  const code: AuditEventCode = auditEventCodes[record.event];
  const { outcome } = record;
  const profile = balpProfile(record);
  return {
    resourceType: 'AuditEvent',
    id: record.id,
    ...(profile === undefined ? {} : { meta: { profile: [`${balp}/StructureDefinition/IHE.BasicAudit.${profile}`] } }),
    ...(outcome.result === 'allowed' ? {} : { contained: [operationOutcome(record)] }),
    type: code.type,
    ...(code.subtype === undefined ? {} : { subtype: [code.subtype] }),
    action: code.action,
    recorded: record.recorded,
    outcome: { allowed: '0', denied: '4', failed: '8' }[outcome.result] as '0' | '4' | '8',
    outcomeDesc: outcome.status === undefined ? outcome.code : `${outcome.status} ${outcome.code}`,
    purposeOfEvent: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: record.purpose }] },
    ],
    agent: agentsOf(record, source, code),
    source: {
      observer: { identifier: { value: source.id } },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: entitiesOf(record),
  };
}

/** The profile a successful RESTful event conforms to: BALP wants one data entity and the client's network address. */
function balpProfile({ event, outcome, agent, entities = [] }: StoredAuditRecord): string | undefined {
  const name = profiles[event];
  const data = entities.filter(({ role }) => role !== 'patient');
  if (name === undefined || outcome.result !== 'allowed' || agent.address === undefined) return undefined;
  if (data.length !== 1 || data[0]?.id === undefined) return undefined;
  return data.length < entities.length ? `Patient${name}` : name;
}

function agentsOf({ agent }: StoredAuditRecord, source: AuditSource, code: AuditEventCode): AuditEventAgent[] {
  const [sender, receiver] = [dicom('110153', 'Source Role ID'), dicom('110152', 'Destination Role ID')];
  // Data flows to the client when it reads, and from it otherwise.
  const clientReceives = code.action === 'R';
  return [
    {
      type: { coding: [clientReceives ? receiver : sender] },
      who: { identifier: { value: agent.id }, display: agent.kind },
      requestor: true,
      ...(agent.address === undefined ? {} : { network: { address: agent.address, type: '2' } }),
    },
    {
      type: { coding: [clientReceives ? sender : receiver] },
      who: { identifier: { value: source.id } },
      requestor: false,
      network: { address: source.address, type: isAddress(source.address) ? '2' : '1' },
    },
  ];
}

const isAddress = (text: string): boolean => isIPv6(text) || /^\d+(\.\d+){3}$/.test(text);

function entitiesOf(record: StoredAuditRecord): AuditEventEntity[] {
  const found: AuditEventEntity[] = (record.entities ?? []).map(entityOf);
  if (record.requestId !== undefined) {
    found.push({
      type: { system: `${balp}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' },
      what: { identifier: { value: record.requestId } },
    });
  }
  const details = [
    ['action', record.action],
    ['correlationId', record.correlationId],
    ['runId', record.runId],
  ] as const;
  found.push({
    type: entityType('4', 'Other'),
    role: objectRole('20', 'Job'),
    detail: details.flatMap(([type, value]) => (value === undefined ? [] : [{ type, valueString: value }])),
  });
  if (record.outcome.result !== 'allowed') {
    found.push({ type: entityType('4', 'Other'), role: objectRole('3', 'Report'), what: { reference: '#outcome' } });
  }
  return found;
}

function entityOf({ type, id, version, count, role }: AuditEntity): AuditEventEntity {
  const reference = version === undefined ? `${type}/${id}` : `${type}/${id}/_history/${version}`;
  // Only what is a FHIR resource has a reference; a table or a segment has an identifier.
  const isResource = /^[A-Z]/.test(type);
  const what = isResource ? { reference } : { identifier: { value: id ?? type } };
  return {
    ...(id === undefined && isResource ? {} : { what }),
    type: role === 'patient' ? entityType('1', 'Person') : entityType('2', 'System Object'),
    role: role === 'patient' ? objectRole('1', 'Patient') : objectRole('4', 'Domain Resource'),
    ...(id !== undefined && isResource ? {} : { name: type }),
    ...(count === undefined ? {} : { detail: [{ type: 'count', valueString: String(count) }] }),
  };
}

function operationOutcome({ outcome }: StoredAuditRecord) {
  return {
    resourceType: 'OperationOutcome' as const,
    id: 'outcome',
    issue: [
      {
        severity: 'error' as const,
        code: outcome.result === 'denied' ? ('security' as const) : ('exception' as const),
        details: { text: outcome.code },
      },
    ],
  };
}
