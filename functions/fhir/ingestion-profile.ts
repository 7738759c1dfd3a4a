import { has } from './invariants/element-access';
import { isJsonObject, type JsonObject, textOf } from './json';
import type { ValidationRun } from './validation-run';

/**
 * What the lake asks beyond validity. R4 and UK Core leave nearly everything optional, so a resource can be valid and of no
 * use: a Patient nobody can find again, an Observation of nobody.
 */
interface IngestionRule {
  /** Told to the sender with the failure. */
  readonly name: string;
  readonly resourceTypes: readonly string[];
  /** One of these elements is there (a choice by its name without [x]). */
  readonly anyOf: readonly string[];
  /** An extension that states why none of them is. */
  readonly unless?: string;
  /** Codes of the element `status` for which the rule does not hold. */
  readonly exceptStatus?: readonly string[];
  /** What to send. */
  readonly text: string;
}

/** Names the rules below where a profile is asked for: `lake validate --profile`, a provider's default profile. */
export const ingestionProfile = 'https://nhs-data-lake.example/StructureDefinition/ingestion';

const clinicalWithSubject = [
  'CarePlan',
  'ClinicalImpression',
  'Communication',
  'Composition',
  'Condition',
  'DeviceRequest',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Flag',
  'ImagingStudy',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
];

const ingestionRules: readonly IngestionRule[] = [
  {
    name: 'patient-identified',
    resourceTypes: ['Patient'],
    anyOf: ['identifier'],
    unless: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason',
    text: 'A Patient has an identifier, or the UK Core extension that says why there is no NHS number.',
  },
  {
    name: 'subject-named',
    resourceTypes: clinicalWithSubject,
    anyOf: ['subject'],
    text: 'A clinical resource says whom it is about: give subject.',
  },
  {
    name: 'patient-named',
    resourceTypes: ['AllergyIntolerance', 'EpisodeOfCare', 'FamilyMemberHistory', 'Immunization', 'RelatedPerson'],
    anyOf: ['patient'],
    text: 'A clinical resource says whom it is about: give patient.',
  },
  {
    name: 'what-was-recorded',
    resourceTypes: ['Condition', 'AllergyIntolerance', 'Procedure', 'ServiceRequest'],
    anyOf: ['code'],
    text: 'A clinical resource says what it records: give code (with its text, where no coding fits).',
  },
  {
    name: 'when-observed',
    resourceTypes: ['Observation', 'DiagnosticReport'],
    anyOf: ['effective', 'issued'],
    exceptStatus: ['registered', 'cancelled', 'entered-in-error'],
    text: 'A result says when it was true: give effective[x] or issued.',
  },
  {
    name: 'result-or-reason',
    resourceTypes: ['Observation'],
    anyOf: ['value', 'dataAbsentReason', 'component', 'hasMember'],
    exceptStatus: ['registered', 'cancelled', 'entered-in-error'],
    text: 'An Observation holds a value, components, members, or a dataAbsentReason.',
  },
];

const hasElement = (resource: JsonObject, name: string): boolean =>
  has(resource, name) ||
  Object.keys(resource).some((key) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)));

const hasExtension = ({ extension }: JsonObject, url: string): boolean =>
  Array.isArray(extension) && extension.some((one) => isJsonObject(one) && one.url === url);

/** Reports the rules of the ingestion profile that a resource fails, by name. */
export function checkIngestionRules(severity: 'error' | 'warning', resource: JsonObject, run: ValidationRun): void {
  for (const { name, resourceTypes, anyOf, unless, exceptStatus, text } of ingestionRules) {
    if (!resourceTypes.includes(textOf(resource.resourceType))) continue;
    if (exceptStatus?.includes(textOf(resource.status)) === true) continue;
    if (anyOf.some((element) => hasElement(resource, element))) continue;
    if (unless !== undefined && hasExtension(resource, unless)) continue;
    run.add(severity, 'business-rule', `${text} (ingestion rule ${name})`);
  }
}
