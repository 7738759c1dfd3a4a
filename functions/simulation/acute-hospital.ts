import type { DiagnosticReport, Encounter, Location, Observation } from 'fhir/r4';
import { BundleDraft } from './bundle-draft';
import { conditionResource, encounterResource, procedureResource } from './clinical-resources';
import type { Admission, EmergencyAttendance, HealthEvent } from './health-event';
import { dateTimeText, hour, type LondonTime, minute, utcText } from './london-time';
import { acuteObservations, bloodResults, type Occasion } from './observation-resources';
import { type PatientRecord, patientRecord, patientResource, subjectOf } from './patient-record';
import { type SimulatedProvider, siteOf, systemOf } from './providers';
import type { MessageDraft } from './simulated-message';
import { isAliveAt, type SimulatedPerson } from './simulated-person';
import { organizationResource, staffName, staffOf } from './staff';
import {
  concept,
  emergencyProcedures,
  encounterTypes,
  hl7System,
  odsSiteSystem,
  snomed,
  term,
  ukCoreExtension,
  ukCoreProfile,
  ukCoreSystem,
} from './terms';
import { narrative } from './written-notes';

/** A hospital trust sends each attendance when it is over, and each stay at admission and again at discharge. */
export function* acuteHospitalMessages(
  person: SimulatedPerson,
  history: readonly HealthEvent[],
): Generator<MessageDraft> {
  const { hospital, random } = person;
  const usual = patientRecord(person, hospital, `M${random.digits(7)}`);
  // Registered a second time at the front desk, by a clerk in a hurry: another number, nothing that links the two.
  const second: PatientRecord | undefined = random.chance(0.04)
    ? {
        ...usual,
        localId: `M${random.digits(7)}`,
        nhsNumber: 'nhs-number-not-known',
        misspelt: true,
        showsFormerNumber: false,
      }
    : undefined;
  for (const event of history) {
    const record = second !== undefined && random.chance(0.3) ? second : usual;
    if (event.kind === 'attendance') yield attendanceMessage(event, record, hospital);
    else if (event.kind === 'admission') yield* stayMessages(event, record, hospital);
    else if (event.kind === 'death' && event.inHospital) yield deathMessage(event.at, usual, hospital);
  }
}

class Visit {
  readonly bundle: BundleDraft;
  readonly occasion: Occasion;
  readonly location: string;

  constructor(record: PatientRecord, hospital: SimulatedProvider, at: LondonTime, spell: string, place: string) {
    const { person } = record;
    const clinician = person.random.pick(staffOf(hospital));
    this.bundle = new BundleDraft(person.random);
    this.bundle.createIfNone(organizationResource(hospital));
    const patient = this.bundle.createIfNone(patientResource(record, at));
    const practitioner = this.bundle.createIfNone(clinician);
    this.location = this.bundle.createIfNone(locationResource(hospital, place));
    this.occasion = {
      person,
      at,
      subject: () => subjectOf(record, patient),
      performer: { reference: practitioner, display: staffName(clinician) },
      encounter: undefined,
      identifier: () => ({ system: systemOf(hospital, 'spell'), value: spell }),
    };
  }

  /** Of the same visit, at a time in it; without the visit's own identifier. */
  during(encounter: string, at: LondonTime): Occasion {
    const { identifier: _identifier, ...rest } = this.occasion;
    return { ...rest, encounter: { reference: encounter }, at };
  }
}

function locationResource(hospital: SimulatedProvider, place: string): Location {
  return {
    resourceType: 'Location',
    meta: { profile: [ukCoreProfile('Location')] },
    identifier: [
      { system: systemOf(hospital, 'place'), value: place.toLowerCase().replace(' ', '-') },
      { system: odsSiteSystem, value: siteOf(hospital) },
    ],
    status: 'active',
    name: place,
    mode: 'instance',
  };
}

function attendanceMessage(
  event: EmergencyAttendance,
  record: PatientRecord,
  hospital: SimulatedProvider,
): MessageDraft {
  const { random } = record.person;
  const { at, until, complaint, admitted } = event;
  const visit = new Visit(record, hospital, at, `E${random.digits(9)}`, 'Emergency Department');
  const resource = encounterResource(visit.occasion, {
    class: 'EMER',
    type: encounterTypes.emergency,
    status: 'finished',
    until,
    reason: complaint.term,
    provider: hospital,
  });
  const status = admitted
    ? term(snomed, '1066331000000109', 'Emergency department discharge to emergency department short stay ward')
    : term(snomed, '182992009', 'Treatment completed');
  resource.extension = [
    { url: ukCoreExtension('EmergencyCareDischargeStatus'), valueCodeableConcept: concept(status) },
  ];
  resource.location = [{ location: { reference: visit.location }, physicalType: departmentType }];
  const encounter = visit.bundle.create(resource);
  const occasion = visit.during(encounter, at + 15 * minute);
  for (const one of acuteObservations(occasion, random.whole(0, 3))) visit.bundle.create(one);
  visit.bundle.create(
    conditionResource(occasion, { terms: [complaint.term], category: 'encounter-diagnosis', onset: undefined }),
  );
  if (admitted || random.chance(0.3)) addReport(visit, visit.during(encounter, at + 70 * minute), random.whole(2, 4));
  return visit.bundle.draft(
    hospital,
    'transaction',
    'attendance',
    until + 30 * minute,
    random.chance(0.03) ? 'late' : undefined,
  );
}

const departmentType = concept(
  term(ukCoreSystem('EncounterLocationTypeEngland'), 'E04', 'Emergency Care Department or Minor Injury Department'),
);
const wardType = concept(term(ukCoreSystem('EncounterLocationTypeEngland'), 'E02', 'Ward'));

function* stayMessages(event: Admission, record: PatientRecord, hospital: SimulatedProvider): Generator<MessageDraft> {
  const { random } = record.person;
  const spell = `S${random.digits(9)}`;
  const ward = `Ward ${random.whole(1, 24)}`;
  const admission = new Visit(record, hospital, event.at, spell, ward);
  const open = stayEncounter(event, admission, hospital, 'in-progress');
  admission.bundle.createIfNone(open);
  // One stay in eight is only ever told at its end.
  if (random.chance(0.88)) yield admission.bundle.draft(hospital, 'transaction', 'admission', event.at + hour);
  yield dischargeMessage(event, new Visit(record, hospital, event.at, spell, ward), hospital);
}

function dischargeMessage(event: Admission, visit: Visit, hospital: SimulatedProvider): MessageDraft {
  const { random } = visit.occasion.person;
  const { at, until, diagnosis, procedure, emergency } = event;
  const closed = stayEncounter(event, visit, hospital, 'finished');
  const encounter = visit.bundle.replace(closed);
  const occasion = visit.during(encounter, until);
  const reference = visit.bundle.create(
    conditionResource(occasion, { terms: [diagnosis.term, diagnosis.icd], category: 'encounter-diagnosis', onset: at }),
  );
  // Encounter and diagnosis name each other, so one of them is completed after both have their place.
  closed.diagnosis = [
    { condition: { reference }, use: concept(term(hl7System('diagnosis-role'), 'DD', 'Discharge diagnosis')), rank: 1 },
  ];
  const operated = visit.during(encounter, at + 4 * hour);
  if (procedure !== undefined) visit.bundle.create(procedureResource(operated, [procedure.term, procedure.opcs]));
  else if (diagnosis.icd.code === 'K35.8')
    visit.bundle.create(procedureResource(operated, [emergencyProcedures.appendicectomy]));
  else if (diagnosis.respiratory) visit.bundle.create(procedureResource(operated, [emergencyProcedures.chestXRay]));
  if (emergency || random.chance(0.5)) addReport(visit, visit.during(encounter, at + 6 * hour), random.whole(3, 5));
  if (emergency)
    for (const one of acuteObservations(visit.during(encounter, until - 2 * hour), 1)) visit.bundle.create(one);
  return visit.bundle.draft(hospital, 'transaction', 'discharge', until + 2 * hour);
}

const home = 'Usual place of residence';
const method = (code: string, display: string) => term(ukCoreSystem('DischargeMethodEngland'), code, display);
const destination = (code: string, display: string) => term(ukCoreSystem('DischargeDestinationEngland'), code, display);
const deceased = {
  method: method('4', 'Patient died'),
  destination: destination('79', 'Not applicable - Patient died or still birth'),
};
const dischargedHome = {
  method: method('1', 'Patient discharged on clinical advice or with clinical consent'),
  destination: destination('19', home),
};

function stayEncounter(
  event: Admission,
  visit: Visit,
  hospital: SimulatedProvider,
  status: 'in-progress' | 'finished',
): Encounter {
  const { emergency, diagnosis, until, died } = event;
  const finished = status === 'finished';
  const resource = encounterResource(visit.occasion, {
    class: 'IMP',
    type: encounterTypes.admission,
    status,
    until: finished ? until : undefined,
    reason: diagnosis.term,
    provider: hospital,
  });
  const admission = emergency
    ? term(
        ukCoreSystem('AdmissionMethodEngland'),
        '21',
        'Emergency Admission: Emergency Care Department or dental casualty department',
      )
    : term(ukCoreSystem('AdmissionMethodEngland'), '11', 'Elective Admission: Waiting list');
  resource.hospitalization = {
    extension: [{ url: ukCoreExtension('AdmissionMethod'), valueCodeableConcept: concept(admission) }],
    admitSource: concept(term(ukCoreSystem('SourceOfAdmissionEngland'), '19', home)),
  };
  if (finished) {
    const outcome = died ? deceased : dischargedHome;
    resource.extension = [{ url: ukCoreExtension('DischargeMethod'), valueCodeableConcept: concept(outcome.method) }];
    resource.hospitalization.dischargeDisposition = concept(outcome.destination);
  }
  resource.location = [{ location: { reference: visit.location }, physicalType: wardType }];
  return resource;
}

function addReport(visit: Visit, occasion: Occasion, count: number): void {
  const { person, at } = occasion;
  const results: Observation[] = bloodResults(occasion, count);
  const report: DiagnosticReport = {
    resourceType: 'DiagnosticReport',
    meta: { profile: [ukCoreProfile('DiagnosticReport')] },
    ...(person.random.chance(0.3) ? { text: narrative(person, 'Laboratory report', 'See results.') } : {}),
    status: 'final',
    category: [concept(term(hl7System('v2-0074'), 'LAB', 'Laboratory'))],
    code: concept(term(snomed, '26604007', 'Full blood count')),
    subject: occasion.subject(),
    ...(occasion.encounter === undefined ? {} : { encounter: occasion.encounter }),
    effectiveDateTime: dateTimeText(at),
    issued: utcText(at + 90 * minute),
    result: results.map((one) => ({ reference: visit.bundle.create(one) })),
  };
  visit.bundle.create(report);
}

function deathMessage(at: LondonTime, record: PatientRecord, hospital: SimulatedProvider): MessageDraft {
  const bundle = new BundleDraft(record.person.random);
  bundle.replace(patientResource(record, isAliveAt(record.person, at) ? at + minute : at));
  return bundle.draft(hospital, 'transaction', 'death', at + 6 * hour);
}
