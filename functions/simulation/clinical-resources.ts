import type { AllergyIntolerance, Condition, Encounter, Immunization, MedicationRequest, Procedure } from 'fhir/r4';
import { dateText, dateTimeText, day, type LondonTime } from './london-time';
import type { Medicine } from './medicines';
import type { Occasion } from './observation-resources';
import type { SimulatedProvider } from './providers';
import {
  actCode,
  allergies,
  coding,
  concept,
  fluVaccination,
  hl7System,
  odsSystem,
  snomed,
  type Term,
  term,
  ukCoreExtension,
  ukCoreProfile,
  ukCoreSystem,
} from './terms';
import { narrative, note } from './written-notes';

const meta = (profile: string) => ({ profile: [ukCoreProfile(profile)] });
const identified = ({ identifier }: Occasion) => (identifier === undefined ? {} : { identifier: [identifier()] });
const within = ({ encounter }: Occasion) => (encounter === undefined ? {} : { encounter });

const encounterClasses = {
  AMB: 'ambulatory',
  VR: 'virtual',
  EMER: 'emergency',
  IMP: 'inpatient encounter',
  FLD: 'field',
} as const;

export interface EncounterDetail {
  readonly class: keyof typeof encounterClasses;
  readonly type: Term;
  readonly status: Encounter['status'];
  readonly until: LondonTime | undefined;
  readonly reason: Term | undefined;
  readonly provider: SimulatedProvider;
}

export function encounterResource(occasion: Occasion, detail: EncounterDetail): Encounter {
  const { at, performer, subject } = occasion;
  const { status, until, reason, provider, type } = detail;
  return {
    resourceType: 'Encounter',
    meta: meta('Encounter'),
    ...identified(occasion),
    status,
    class: coding(term(actCode, detail.class, encounterClasses[detail.class])),
    type: [concept(type)],
    subject: subject(),
    ...(performer === undefined ? {} : { participant: [{ individual: performer }] }),
    period: { start: dateTimeText(at), ...(until === undefined ? {} : { end: dateTimeText(until) }) },
    ...(reason === undefined ? {} : { reasonCode: [concept(reason)] }),
    serviceProvider: { identifier: { system: odsSystem, value: provider.ods }, display: provider.name },
  };
}

const conditionStatus = (code: string, display: string) =>
  concept(term(hl7System('condition-clinical'), code, display));
const certain = concept(term(hl7System('condition-ver-status'), 'confirmed', 'Confirmed'));

export interface ConditionDetail {
  readonly terms: readonly Term[];
  readonly category: 'problem-list-item' | 'encounter-diagnosis';
  readonly onset: LondonTime | undefined;
  /** When it ended, for what passes. */
  readonly ended?: LondonTime;
}

export function conditionResource(occasion: Occasion, { terms, category, onset, ended }: ConditionDetail): Condition {
  const { person, at, performer, subject } = occasion;
  const words = { 'problem-list-item': 'Problem List Item', 'encounter-diagnosis': 'Encounter Diagnosis' };
  return {
    resourceType: 'Condition',
    meta: meta('Condition'),
    ...(person.random.chance(0.1) ? { text: narrative(person, 'Problem', terms[0]?.display ?? '') } : {}),
    ...identified(occasion),
    clinicalStatus: ended === undefined ? conditionStatus('active', 'Active') : conditionStatus('resolved', 'Resolved'),
    verificationStatus: certain,
    category: [concept(term(hl7System('condition-category'), category, words[category]))],
    code: concept(...terms),
    subject: subject(),
    ...within(occasion),
    ...(onset === undefined ? {} : { onsetDateTime: dateText(onset) }),
    ...(ended === undefined ? {} : { abatementDateTime: dateText(ended) }),
    recordedDate: dateTimeText(at),
    ...(performer === undefined || performer.reference?.startsWith('Organization') ? {} : { recorder: performer }),
    ...(person.random.chance(0.06) ? { note: [note(person, at)] } : {}),
  };
}

export function medicationRequestResource(occasion: Occasion, medicine: Medicine, repeat: boolean): MedicationRequest {
  const { at, performer, subject, person } = occasion;
  const [value, unit] = medicine.quantity;
  const course = repeat
    ? term(hl7System('medicationrequest-course-of-therapy'), 'continuous', 'Continuous long term therapy')
    : term(hl7System('medicationrequest-course-of-therapy'), 'acute', 'Short course (acute) therapy');
  return {
    resourceType: 'MedicationRequest',
    meta: meta('MedicationRequest'),
    ...(repeat
      ? {
          extension: [
            {
              url: ukCoreExtension('MedicationRepeatInformation'),
              extension: [
                { url: 'numberOfPrescriptionsIssued', valueUnsignedInt: person.random.whole(1, 12) },
                { url: 'authorisationExpiryDate', valueDateTime: dateText(at + 365 * day) },
              ],
            },
          ],
        }
      : {}),
    ...identified(occasion),
    status: repeat ? 'active' : 'completed',
    intent: 'order',
    category: [concept(term(ukCoreSystem('MedicationRequestCategory'), 'primarycare', 'Primary Care'))],
    medicationCodeableConcept: concept(medicine.term),
    subject: subject(),
    ...within(occasion),
    authoredOn: dateTimeText(at),
    ...(performer === undefined ? {} : { requester: performer }),
    courseOfTherapyType: concept(course),
    dosageInstruction: [{ text: medicine.directions }],
    dispenseRequest: {
      ...(repeat ? { numberOfRepeatsAllowed: 6 } : {}),
      quantity: { value, unit },
    },
    substitution: { allowedBoolean: true },
  };
}

export function immunizationResource(occasion: Occasion, given: boolean): Immunization {
  const { at, performer, subject, person } = occasion;
  const { procedure, product, declined } = fluVaccination;
  return {
    resourceType: 'Immunization',
    meta: meta('Immunization'),
    extension: [{ url: ukCoreExtension('VaccinationProcedure'), valueCodeableConcept: concept(procedure) }],
    ...identified(occasion),
    status: given ? 'completed' : 'not-done',
    ...(given ? {} : { statusReason: concept(declined) }),
    vaccineCode: concept(product),
    patient: subject(),
    ...within(occasion),
    occurrenceDateTime: dateTimeText(at),
    primarySource: true,
    ...(given ? { lotNumber: `FL${person.random.digits(5)}`, doseQuantity: { value: 0.5, unit: 'millilitre' } } : {}),
    ...(given ? { site: concept(term(snomed, '368208006', 'Left upper arm structure')) } : {}),
    ...(performer === undefined ? {} : { performer: [{ actor: performer }] }),
  };
}

export function allergyResource(occasion: Occasion): AllergyIntolerance {
  const { at, subject, person } = occasion;
  return {
    resourceType: 'AllergyIntolerance',
    meta: meta('AllergyIntolerance'),
    ...identified(occasion),
    clinicalStatus: concept(term(hl7System('allergyintolerance-clinical'), 'active', 'Active')),
    verificationStatus: concept(term(hl7System('allergyintolerance-verification'), 'confirmed', 'Confirmed')),
    code: concept(person.random.pick(allergies)),
    patient: subject(),
    recordedDate: dateTimeText(at),
    reaction: [{ manifestation: [concept(term(snomed, '271807003', 'Eruption of skin'))], severity: 'mild' }],
  };
}

export function procedureResource(occasion: Occasion, terms: readonly Term[]): Procedure {
  const { at, performer, subject } = occasion;
  return {
    resourceType: 'Procedure',
    meta: meta('Procedure'),
    ...identified(occasion),
    status: 'completed',
    code: concept(...terms),
    subject: subject(),
    ...within(occasion),
    performedDateTime: dateTimeText(at),
    ...(performer === undefined ? {} : { performer: [{ actor: performer }] }),
  };
}
