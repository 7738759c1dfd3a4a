import type { Address, Extension, HumanName, Identifier, Patient, Reference } from 'fhir/r4';
import { dateText, dateTimeText, day, type LondonTime, yearOf } from './london-time';
import { type SimulatedProvider, systemOf } from './providers';
import { type Home, homeAt, type SimulatedPerson } from './simulated-person';
import {
  concept,
  hl7System,
  nhsNumberSystem,
  odsSystem,
  retiredNhsNumberSystem,
  term,
  ukCoreExtension,
  ukCoreProfile,
  ukCoreSystem,
} from './terms';

type Missing = 'gender' | 'day-of-birth' | 'postcode' | 'telecom' | 'nothing';

/** One provider's record of a person: its own id, and what it knows, forgot or got wrong. */
export interface PatientRecord {
  readonly person: SimulatedPerson;
  readonly provider: SimulatedProvider;
  readonly localId: string;
  /** UK Core NHS number verification status, or why there is no number. */
  readonly nhsNumber: '01' | '02' | '03' | 'nhs-number-not-known' | 'overseas-patient';
  /** The number stands as a retired system sends it, in the system name of before. */
  readonly retiredSystem: boolean;
  readonly showsFormerNumber: boolean;
  readonly sendsOwnTwice: boolean;
  readonly misspelt: boolean;
  readonly missing: Missing;
}

/** How well a kind of provider knows who it deals with: shares of status 01, 02, 03 and of no number. */
const knowledge: Readonly<Record<SimulatedProvider['kind'], readonly [number, number, number, number]>> = {
  'general-practice': [97, 2, 1, 0],
  'acute-hospital': [86, 8, 2, 4],
  'nhs-111': [66, 16, 4, 14],
  ambulance: [56, 18, 6, 20],
  'mental-health': [92, 4, 2, 2],
};

export function patientRecord(person: SimulatedPerson, provider: SimulatedProvider, localId: string): PatientRecord {
  const { random, visitor } = person;
  const [verified, untraced, required, unknown] = knowledge[provider.kind];
  const hasForms = provider.kind === 'general-practice' || provider.kind === 'mental-health';
  return {
    person,
    provider,
    localId,
    nhsNumber: visitor
      ? 'overseas-patient'
      : random.weighted([
          ['01', verified],
          ['02', untraced],
          ['03', required],
          ['nhs-number-not-known', unknown],
        ] as const),
    retiredSystem: random.chance(0.02),
    showsFormerNumber: random.chance(hasForms ? 0.8 : 0.2),
    sendsOwnTwice: random.chance(0.03),
    misspelt: random.chance(hasForms ? 0.01 : 0.05),
    missing: random.weighted([
      ['nothing', 85],
      ['telecom', 8],
      ['gender', hasForms ? 0 : 3],
      ['day-of-birth', hasForms ? 0 : 3],
      ['postcode', hasForms ? 0 : 4],
    ] as const),
  };
}

export const patientSystem = (provider: SimulatedProvider): string => systemOf(provider, 'patient');

export const fullName = ({ given, family, title }: SimulatedPerson): string =>
  `${family.toUpperCase()}, ${given[0]} (${title})`;

/** The subject of a resource; some systems write the name beside the reference, some the NHS number as well. */
export function subjectOf({ person, nhsNumber }: PatientRecord, reference: string): Reference {
  const { random } = person;
  const subject: Reference = { reference };
  if (random.chance(0.3)) subject.display = fullName(person);
  if (random.chance(0.1) && nhsNumber === '01')
    subject.identifier = { system: nhsNumberSystem, value: person.nhsNumber };
  return subject;
}

function identifiersOf(record: PatientRecord, at: LondonTime): Identifier[] {
  const { person, provider, localId, nhsNumber } = record;
  const own: Identifier = { use: 'usual', system: patientSystem(provider), value: localId };
  const identifiers = [own];
  // A merge of two systems left the number in the record twice.
  if (record.sendsOwnTwice) identifiers.push({ system: patientSystem(provider), value: localId });
  if (nhsNumber === '01' || nhsNumber === '02' || nhsNumber === '03') {
    const display = {
      '01': 'Number present and verified',
      '02': 'Number present but not traced',
      '03': 'Trace required',
    };
    identifiers.push({
      extension: [
        {
          url: ukCoreExtension('NHSNumberVerificationStatus'),
          valueCodeableConcept: concept(
            term(ukCoreSystem('NHSNumberVerificationStatusEngland'), nhsNumber, display[nhsNumber]),
          ),
        },
      ],
      use: 'official',
      system: record.retiredSystem ? retiredNhsNumberSystem : nhsNumberSystem,
      value: person.nhsNumber,
    });
  }
  if (person.formerNhsNumber !== undefined && record.showsFormerNumber) {
    // Under the system's former name: UK Core allows one identifier of the present one.
    identifiers.push({
      use: 'old',
      system: retiredNhsNumberSystem,
      value: person.formerNhsNumber,
      period: { end: String(yearOf(at) - 3) },
    });
  }
  return identifiers;
}

function extensionsOf({ person, nhsNumber, provider }: PatientRecord, at: LondonTime): Extension[] {
  const [code, display] = person.ethnicity;
  const extensions: Extension[] = [];
  if (provider.kind !== 'ambulance' && provider.kind !== 'nhs-111') {
    extensions.push({
      url: ukCoreExtension('EthnicCategory'),
      valueCodeableConcept: concept(term(ukCoreSystem('EthnicCategoryEngland'), code, display)),
    });
  }
  if (nhsNumber === 'nhs-number-not-known' || nhsNumber === 'overseas-patient') {
    const words = { 'nhs-number-not-known': 'NHS number not known', 'overseas-patient': 'Overseas patient' };
    extensions.push({
      url: ukCoreExtension('NHSNumberUnavailableReason'),
      valueCodeableConcept: concept(term(ukCoreSystem('NHSNumberUnavailableReason'), nhsNumber, words[nhsNumber])),
    });
  }
  if (person.died !== undefined && at >= person.died) {
    const formal = at > person.died + 5 * day;
    const status = formal
      ? term(ukCoreSystem('DeathNotificationStatus'), '2', 'Formal - death notice received from Registrar of Deaths')
      : term(
          ukCoreSystem('DeathNotificationStatus'),
          '1',
          'Informal - death notice received via an update from a local NHS Organisation',
        );
    extensions.push({
      url: ukCoreExtension('DeathNotificationStatus'),
      extension: [
        { url: 'deathNotificationStatus', valueCodeableConcept: concept(status) },
        { url: 'systemEffectiveDate', valueDateTime: dateTimeText(at) },
      ],
    });
  }
  return extensions;
}

function namesOf({ person, misspelt, provider }: PatientRecord): HumanName[] {
  const family = misspelt ? `${person.family[0]}${person.family.slice(2)}` : person.family;
  const names: HumanName[] = [
    { use: 'official', family: family.toUpperCase(), given: [...person.given], prefix: [person.title] },
  ];
  if (person.formerFamily !== undefined && provider.kind === 'general-practice')
    names.push({ use: 'old', family: person.formerFamily.toUpperCase(), given: [...person.given] });
  return names;
}

function addressOf({ line, area, postcode, lsoa }: Home, missing: Missing, provider: SimulatedProvider): Address {
  const address: Address = { use: 'home', line: [line], city: area.town, district: area.authority };
  if (missing !== 'postcode') address.postalCode = provider.kind === 'ambulance' ? postcode.replace(' ', '') : postcode;
  // A local extension, as practice systems of the region add it; the lake has no rule for it.
  if (provider.kind === 'general-practice')
    address.extension = [{ url: systemOf(provider, 'StructureDefinition/lsoa'), valueCode: lsoa }];
  return address;
}

/** The Patient as the provider's system sends it at a time. */
export function patientResource(record: PatientRecord, at: LondonTime, id?: string): Patient {
  const { person, provider, missing } = record;
  const home = homeAt(person, at);
  const born = dateText(person.born);
  const extension = extensionsOf(record, at);
  const patient: Patient = {
    resourceType: 'Patient',
    ...(id === undefined ? {} : { id }),
    meta: { profile: [ukCoreProfile('Patient')] },
    ...(extension.length === 0 ? {} : { extension }),
    identifier: identifiersOf(record, at),
    active: true,
    name: namesOf(record),
    birthDate: missing === 'day-of-birth' ? born.slice(0, 7) : born,
    address: [addressOf(home, missing, provider)],
  };
  if (missing !== 'gender') patient.gender = person.sex;
  if (missing !== 'telecom') {
    patient.telecom = [{ system: 'phone', use: 'mobile', value: person.mobile }];
    if (person.landline !== undefined) patient.telecom.push({ system: 'phone', use: 'home', value: person.landline });
    if (person.email !== undefined) patient.telecom.push({ system: 'email', value: person.email });
  }
  if (person.died !== undefined && at >= person.died) patient.deceasedDateTime = dateTimeText(person.died);
  if (provider.kind === 'general-practice') {
    if (person.maritalStatus !== undefined) {
      const [code, display] = person.maritalStatus;
      patient.maritalStatus = concept(term(ukCoreSystem('PersonMaritalStatusEngland'), code, display));
    }
    if (person.language !== undefined) {
      const [code, display] = person.language;
      patient.communication = [{ language: concept(term('urn:ietf:bcp:47', code, display)), preferred: true }];
    }
    patient.managingOrganization = { identifier: { system: odsSystem, value: provider.ods }, display: provider.name };
  } else if (provider.kind === 'acute-hospital') {
    patient.generalPractitioner = [
      {
        type: 'Organization',
        identifier: { system: odsSystem, value: person.practice.ods },
        display: person.practice.name,
      },
    ];
    if (person.random.chance(0.2)) patient.contact = [nextOfKin(person)];
  }
  return patient;
}

const nextOfKin = ({ random, family }: SimulatedPerson) => ({
  relationship: [concept(term(hl7System('v2-0131'), 'N', 'Next-of-Kin'))],
  name: { family, text: `Next of kin ${family}` },
  telecom: [{ system: 'phone' as const, value: `07700900${random.digits(3)}` }],
});
