import type { Communication, FhirResource, Location } from 'fhir/r4';
import { BundleDraft } from './bundle-draft';
import { encounterResource } from './clinical-resources';
import type { AmbulanceIncident, HealthEvent } from './health-event';
import { dateTimeText, type LondonTime, minute } from './london-time';
import { openMessage } from './message-header';
import { acuteObservations, type Occasion } from './observation-resources';
import { fullName, patientRecord, patientResource, subjectOf } from './patient-record';
import { ambulanceService, systemOf } from './providers';
import type { MessageDraft } from './simulated-message';
import { homeAt, type SimulatedPerson } from './simulated-person';
import { concept, encounterTypes, hl7System, term, ukCoreProfile } from './terms';

type Carried = FhirResource & { id: string };

/** The ambulance service tells an incident when a crew is sent, and the same case again when it is over. */
export function* ambulanceMessages(person: SimulatedPerson, history: readonly HealthEvent[]): Generator<MessageDraft> {
  for (const event of history) if (event.kind === 'incident') yield* incidentMessages(event, person);
}

function* incidentMessages(event: AmbulanceIncident, person: SimulatedPerson): Generator<MessageDraft> {
  const { random } = person;
  const { at, complaint, conveyed } = event;
  const until = at + random.whole(45, 140) * minute;
  const ids = { patient: random.uuid(), encounter: random.uuid(), call: random.uuid(), place: random.uuid() };
  const record = patientRecord(person, ambulanceService, ids.patient);
  const subject = () => subjectOf(record, `urn:uuid:${ids.patient}`);
  const occasion: Occasion = {
    person,
    at,
    subject,
    performer: undefined,
    encounter: { reference: `urn:uuid:${ids.encounter}` },
  };
  const receiver = conveyed ? person.hospital : undefined;
  const encounterAt = (end: LondonTime | undefined): Carried => ({
    ...encounterResource(
      {
        ...occasion,
        encounter: undefined,
        identifier: () => ({ system: systemOf(ambulanceService, 'case'), value: ids.encounter }),
      },
      {
        class: 'FLD',
        type: encounterTypes.emergency,
        status: end === undefined ? 'in-progress' : 'finished',
        until: end,
        reason: complaint.term,
        provider: ambulanceService,
      },
    ),
    id: ids.encounter,
    priority: concept(term(systemOf(ambulanceService, 'category'), `C${event.category}`, `Category ${event.category}`)),
    location: [{ location: { reference: `urn:uuid:${ids.place}` }, status: 'completed' }],
  });
  const patient: Carried = { ...patientResource(record, at), id: ids.patient };
  const first = new BundleDraft(random);
  openMessage(first, ambulanceService, receiver, 'new', [ids.encounter], random);
  for (const one of [
    patient,
    encounterAt(undefined),
    incidentPlace(person, at, ids.place),
    callReport(event, occasion, ids.call),
  ])
    first.carry(one);
  const toldTwice = random.chance(0.75);
  if (toldTwice) yield first.draft(ambulanceService, 'message', 'incident', at + 10 * minute);
  const last = new BundleDraft(random);
  openMessage(last, ambulanceService, receiver, toldTwice ? 'update' : 'new', [ids.encounter], random);
  for (const one of [
    patient,
    encounterAt(until),
    incidentPlace(person, at, ids.place),
    callReport(event, occasion, ids.call),
  ])
    last.carry(one);
  for (const one of acuteObservations({ ...occasion, at: at + 25 * minute }, random.whole(1, 3)))
    last.carry({ ...one, id: random.uuid() });
  yield last.draft(ambulanceService, 'message', 'handover', until, toldTwice ? 'later' : undefined);
}

function incidentPlace(person: SimulatedPerson, at: LondonTime, id: string): Location & { id: string } {
  const { line, area, postcode } = homeAt(person, at);
  return {
    resourceType: 'Location',
    id,
    meta: { profile: [ukCoreProfile('Location')] },
    status: 'active',
    mode: 'instance',
    type: [concept(term(hl7System('v3-RoleCode'), 'PTRES', "Patient's Residence"))],
    name: 'Place of incident',
    address: { line: [line], city: area.town, postalCode: postcode },
  };
}

function callReport(
  { at, complaint }: AmbulanceIncident,
  { person, subject, encounter }: Occasion,
  id: string,
): Communication & { id: string } {
  return {
    resourceType: 'Communication',
    id,
    meta: { profile: [ukCoreProfile('Communication')] },
    status: 'completed',
    priority: 'stat',
    medium: [concept(term(hl7System('v3-ParticipationMode'), 'PHONE', 'telephone'))],
    subject: subject(),
    ...(encounter === undefined ? {} : { encounter }),
    received: dateTimeText(at),
    reasonCode: [concept(complaint.term)],
    payload: [
      {
        contentString: `999 call: ${complaint.term.display}. Caller gave name ${fullName(person)}, ring back on ${person.mobile}.`,
      },
    ],
  };
}
