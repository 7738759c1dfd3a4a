import type { Condition, Observation } from 'fhir/r4';
import { BundleDraft } from './bundle-draft';
import {
  allergyResource,
  conditionResource,
  encounterResource,
  immunizationResource,
  medicationRequestResource,
  procedureResource,
} from './clinical-resources';
import type { HealthEvent } from './health-event';
import { day, hour, type LondonTime, minute, yearOf, yearsBetween } from './london-time';
import { type Medicine, medicines } from './medicines';
import { bloodPressure, bodySize, hba1c, type Occasion, smokingStatus } from './observation-resources';
import { type PatientRecord, patientRecord, patientResource, subjectOf } from './patient-record';
import { systemOf } from './providers';
import type { MessageDraft } from './simulated-message';
import type { SimulatedPerson } from './simulated-person';
import { conditionalReferenceTo, organizationResource, staffName, staffOf } from './staff';
import { concept, emergencyAdmissionForAsthma, encounterTypes, hl7System, term } from './terms';
import { note } from './written-notes';

/** What infections are treated with, by the code of the diagnosis. */
const treatments: Readonly<Record<string, readonly Medicine[]>> = {
  '50417007': [medicines.amoxicillin, medicines.doxycycline, medicines.clarithromycin],
  '68566005': [medicines.amoxicillin],
  '161891005': [medicines.paracetamol],
  '25064002': [medicines.paracetamol],
  '57676002': [medicines.paracetamol],
};

const ofPractice: ReadonlySet<HealthEvent['kind']> = new Set([
  'registration',
  'consultation',
  'review',
  'diagnosis',
  'flu',
  'move',
  'death',
]);

/** A practice sends what it recorded in a year as one transaction, and now and then mends what it sent before. */
export function* generalPracticeMessages(
  person: SimulatedPerson,
  history: readonly HealthEvent[],
): Generator<MessageDraft> {
  const chart = new PracticeChart(person);
  const byYear = new Map<number, HealthEvent[]>();
  for (const event of history) {
    // A discharge letter for asthma comes back to the practice and is coded there.
    const letter = event.kind === 'admission' && event.diagnosis.icd.code === 'J46';
    if (!ofPractice.has(event.kind) && !letter) continue;
    const events = byYear.get(yearOf(event.at)) ?? [];
    events.push(event);
    byYear.set(yearOf(event.at), events);
  }
  for (const events of byYear.values()) yield* chart.send(events);
}

class PracticeChart {
  readonly #person: SimulatedPerson;
  readonly #record: PatientRecord;

  constructor(person: SimulatedPerson) {
    this.#person = person;
    this.#record = patientRecord(person, person.practice, person.random.digits(8));
  }

  *send(events: readonly HealthEvent[]): Generator<MessageDraft> {
    const { random, practice } = this.#person;
    const sent = events.at(-1)!.at + hour;
    const bundle = new BundleDraft(random);
    const organization = organizationResource(practice);
    bundle.createIfNone(organization);
    const patient = this.#patientIn(bundle, events, sent);
    const mendable: (Condition | Observation)[] = [];
    for (const event of events) this.#write(event, bundle, patient, mendable);
    const late = random.chance(0.02);
    yield bundle.draft(practice, 'transaction', 'record', sent, late ? 'late' : undefined);
    const results = mendable.filter(({ resourceType }) => resourceType === 'Observation');
    const candidates = results.length > 0 ? results : mendable;
    const wrong = candidates.length > 0 && !late && random.chance(0.05) ? random.pick(candidates) : undefined;
    if (wrong !== undefined) yield this.#mend(wrong, sent + random.whole(2, 60) * day);
  }

  /** A changed address or a death replaces the Patient; otherwise it is only sent in case it is not there. */
  #patientIn(bundle: BundleDraft, events: readonly HealthEvent[], sent: LondonTime): string {
    const patient = patientResource(this.#record, sent);
    const changed = events.some(({ kind }) => kind === 'move' || kind === 'death');
    return changed ? bundle.replace(patient) : bundle.createIfNone(patient);
  }

  #identifier = (): { system: string; value: string } => ({
    system: systemOf(this.#person.practice, 'record'),
    value: this.#person.random.uuid(),
  });

  #write(event: HealthEvent, bundle: BundleDraft, patient: string, mendable: (Condition | Observation)[]): void {
    const person = this.#person;
    const { random } = person;
    const { at } = event;
    const clinician = random.pick(staffOf(person.practice));
    const practitioner = bundle.createIfNone(clinician);
    const reference = random.chance(0.5) ? conditionalReferenceTo(clinician) : practitioner;
    const occasion: Occasion = {
      person,
      at,
      subject: () => subjectOf(this.#record, patient),
      performer: random.chance(0.4) ? { reference, display: staffName(clinician) } : { reference },
      encounter: undefined,
      identifier: this.#identifier,
    };
    const add = (resource: Condition | Observation): string => {
      mendable.push(resource);
      return bundle.create(resource);
    };
    const meeting = (type: keyof typeof encounterTypes, virtual: boolean): Occasion => {
      const encounter = encounterResource(occasion, {
        class: virtual ? 'VR' : 'AMB',
        type: encounterTypes[type],
        status: 'finished',
        // Some systems close no encounter.
        until: random.chance(0.9) ? at + random.whole(5, 20) * minute : undefined,
        reason: undefined,
        provider: person.practice,
      });
      return { ...occasion, encounter: { reference: bundle.create(encounter) } };
    };
    const adult = yearsBetween(person.born, at) >= 18;
    switch (event.kind) {
      case 'registration': {
        for (const known of person.conditions) {
          if (known.since <= at)
            add(
              conditionResource(occasion, {
                terms: [known.condition.term],
                category: 'problem-list-item',
                onset: known.since,
              }),
            );
        }
        if (person.allergic) bundle.create(allergyResource(occasion));
        if (adult) bundle.create(smokingStatus(occasion));
        for (const one of bodySize(occasion)) add(one);
        if (adult) bundle.create(bloodPressure(occasion));
        return;
      }
      case 'consultation': {
        const met = meeting(
          event.telephone ? 'telephone' : random.chance(0.05) ? 'homeVisit' : 'consultation',
          event.telephone,
        );
        const ended = at + random.whole(5, 30) * day;
        add(conditionResource(met, { terms: [event.reason], category: 'encounter-diagnosis', onset: at, ended }));
        const treatment = treatments[event.reason.code];
        if (treatment !== undefined && random.chance(0.7))
          bundle.create(medicationRequestResource(met, random.pick(treatment), false));
        if (adult && !event.telephone && random.chance(0.35)) bundle.create(bloodPressure(met));
        return;
      }
      case 'review': {
        const met = meeting('review', random.chance(0.25));
        const { condition } = event.known;
        for (const medicine of condition.repeats) bundle.create(medicationRequestResource(met, medicine, true));
        if (
          adult &&
          (condition.name === 'hypertension' || condition.name === 'diabetes' || condition.name === 'heartFailure')
        )
          bundle.create(bloodPressure(met));
        if (condition.name === 'diabetes') add(hba1c(met));
        if (condition.respiratory && adult) bundle.create(smokingStatus(met));
        if (condition.respiratory && random.chance(0.15))
          bundle.create(medicationRequestResource(met, medicines.prednisolone, false));
        return;
      }
      case 'diagnosis': {
        const { condition, since } = event.known;
        add(
          conditionResource(meeting('consultation', false), {
            terms: [condition.term],
            category: 'problem-list-item',
            onset: since,
          }),
        );
        return;
      }
      case 'flu':
        bundle.create(immunizationResource(occasion, event.given));
        return;
      case 'admission':
        bundle.create(procedureResource(occasion, [emergencyAdmissionForAsthma]));
        return;
      default:
    }
  }

  /** A result corrected, or a diagnosis somebody entered in the wrong record. */
  #mend(wrong: Condition | Observation, at: LondonTime): MessageDraft {
    const { random, practice } = this.#person;
    const bundle = new BundleDraft(random);
    const patient = bundle.createIfNone(patientResource(this.#record, at));
    const { encounter: _encounter, ...rest } = wrong;
    const subject = subjectOf(this.#record, patient);
    const by = staffOf(practice)[0]!;
    const reference = bundle.createIfNone(by);
    if (rest.resourceType === 'Condition') {
      const { clinicalStatus: _status, abatementDateTime: _ended, ...kept } = rest;
      const verificationStatus = concept(
        term(hl7System('condition-ver-status'), 'entered-in-error', 'Entered in Error'),
      );
      bundle.replace({ ...kept, verificationStatus, subject, recorder: { reference }, note: [note(this.#person, at)] });
    } else {
      const { valueQuantity } = rest;
      const value = Math.round((valueQuantity?.value ?? 40) * 1.1);
      bundle.replace({
        ...rest,
        status: 'corrected',
        subject,
        performer: [{ reference }],
        valueQuantity: { ...valueQuantity, value },
      });
    }
    return bundle.draft(practice, 'transaction', 'correction', at, 'later');
  }
}
