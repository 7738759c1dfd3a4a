import type { Communication, ServiceRequest } from 'fhir/r4';
import { BundleDraft } from './bundle-draft';
import { encounterResource } from './clinical-resources';
import type { HealthEvent, UrgentCall } from './health-event';
import { dateTimeText, minute } from './london-time';
import { openMessage } from './message-header';
import type { Occasion } from './observation-resources';
import { fullName, patientRecord, patientResource, subjectOf } from './patient-record';
import { ambulanceService, type SimulatedProvider, urgentCallService } from './providers';
import type { MessageDraft } from './simulated-message';
import { homeAt, type SimulatedPerson } from './simulated-person';
import { concept, encounterTypes, hl7System, odsSystem, snomed, term, ukCoreProfile } from './terms';
import { narrative } from './written-notes';

/** NHS 111 sends one message a call. Its system makes a new record of the caller every time. */
export function* urgentCallMessages(person: SimulatedPerson, history: readonly HealthEvent[]): Generator<MessageDraft> {
  for (const event of history) if (event.kind === 'call') yield callMessage(event, person);
}

const receiverOf = (event: UrgentCall, person: SimulatedPerson): SimulatedProvider | undefined =>
  ({
    ambulance: ambulanceService,
    'emergency-department': person.hospital,
    practice: person.practice,
    'self-care': undefined,
  })[event.disposition];

function callMessage(event: UrgentCall, person: SimulatedPerson): MessageDraft {
  const { random } = person;
  const { at, complaint } = event;
  const until = at + random.whole(6, 25) * minute;
  const ids = { patient: random.uuid(), encounter: random.uuid(), call: random.uuid(), request: random.uuid() };
  const record = patientRecord(person, urgentCallService, ids.patient);
  const subject = () => subjectOf(record, `urn:uuid:${ids.patient}`);
  const occasion: Occasion = { person, at, subject, performer: undefined, encounter: undefined };
  const receiver = receiverOf(event, person);
  const bundle = new BundleDraft(random);
  const focus = receiver === undefined ? ids.encounter : ids.request;
  openMessage(bundle, urgentCallService, receiver, 'new', [focus], random);
  bundle.carry({ ...patientResource(record, at), id: ids.patient });
  const encounter = encounterResource(occasion, {
    class: 'VR',
    type: encounterTypes.telephone,
    status: 'finished',
    until,
    reason: complaint.term,
    provider: urgentCallService,
  });
  // The call handler's summary, as triage systems write it: who, where, what.
  const told = `${fullName(person)} of ${homeAt(person, at).postcode} called about ${complaint.term.display.toLowerCase()}.`;
  bundle.carry({
    ...encounter,
    id: ids.encounter,
    ...(random.chance(0.4) ? { text: narrative(person, 'Triage', told) } : {}),
  });
  const call: Communication & { id: string } = {
    resourceType: 'Communication',
    id: ids.call,
    meta: { profile: [ukCoreProfile('Communication')] },
    status: 'completed',
    medium: [concept(term(hl7System('v3-ParticipationMode'), 'PHONE', 'telephone'))],
    subject: subject(),
    encounter: { reference: `urn:uuid:${ids.encounter}` },
    received: dateTimeText(at),
    reasonCode: [concept(complaint.term)],
    payload: [{ contentString: told }],
  };
  bundle.carry(call);
  if (receiver !== undefined) {
    const request: ServiceRequest & { id: string } = {
      resourceType: 'ServiceRequest',
      id: ids.request,
      meta: { profile: [ukCoreProfile('ServiceRequest')] },
      status: 'active',
      intent: 'order',
      priority: event.disposition === 'practice' ? 'routine' : 'urgent',
      code: concept(term(snomed, '3457005', 'Patient referral')),
      subject: subject(),
      encounter: { reference: `urn:uuid:${ids.encounter}` },
      authoredOn: dateTimeText(until),
      performer: [
        { type: 'Organization', identifier: { system: odsSystem, value: receiver.ods }, display: receiver.name },
      ],
      reasonCode: [concept(complaint.term)],
    };
    bundle.carry(request);
  }
  return bundle.draft(urgentCallService, 'message', 'call', until + minute, random.chance(0.02) ? 'late' : undefined);
}
