import type { Bundle, BundleEntry, FhirResource, Patient } from 'fhir/r4';
import { BundleDraft } from './bundle-draft';
import { conditionResource, encounterResource } from './clinical-resources';
import { hour, type LondonTime, minute } from './london-time';
import { openMessage } from './message-header';
import { bloodPressure, type Occasion } from './observation-resources';
import { type PatientRecord, patientRecord, patientResource, subjectOf } from './patient-record';
import { practices, type SimulatedProvider, urgentCallService } from './providers';
import type { Expected, MessageDraft, MessageKind } from './simulated-message';
import type { SimulatedPerson } from './simulated-person';
import { complaints, consultations, encounterTypes } from './terms';

/** A Bundle of resources with its entries. */
export type WholeBundle = Bundle<FhirResource> & { entry: BundleEntry<FhirResource>[] };

/** Where each resource stands in the Bundles below. */
export const entries = { patient: 0, encounter: 1, observation: 2, condition: 3 } as const;
export const messageEntries = { header: 0, organization: 1, patient: 2, encounter: 3 } as const;

export interface FaultyMessage {
  readonly kind: MessageKind;
  readonly body: string;
  readonly resources: number;
  readonly expectations: MessageDraft['expectations'] & object;
}

/** One way to send something wrong, and what should become of it. */
export interface Fault {
  readonly name: string;
  readonly sender: 'practice' | 'nhs-111';
  make(material: FaultMaterial): FaultyMessage;
}

/** Sound messages about somebody of their own, for faults to spoil; what is wrong with them is then the fault alone. */
export class FaultMaterial {
  readonly person: SimulatedPerson;
  readonly practice: SimulatedProvider = practices[0]!;
  readonly #record: PatientRecord;
  readonly #at: LondonTime;

  constructor(person: SimulatedPerson, at: LondonTime) {
    this.person = person;
    this.#at = at;
    const record = patientRecord(person, this.practice, person.random.digits(8));
    this.#record = { ...record, nhsNumber: '01', retiredSystem: false, missing: 'nothing' };
  }

  /** A transaction of a practice: Patient, Encounter, Observation, Condition. */
  transaction(): WholeBundle {
    const bundle = new BundleDraft(this.person.random);
    const patient = bundle.createIfNone(patientResource(this.#record, this.#at));
    const occasion = this.#occasion(patient);
    const encounter = encounterResource(occasion, {
      class: 'AMB',
      type: encounterTypes.consultation,
      status: 'finished',
      until: this.#at + 10 * minute,
      reason: undefined,
      provider: this.practice,
    });
    const met = { ...occasion, encounter: { reference: bundle.create(encounter) } };
    bundle.create(bloodPressure(met));
    const ended = this.#at + 100 * hour;
    bundle.create(
      conditionResource(met, {
        terms: [consultations[0]![0]],
        category: 'encounter-diagnosis',
        onset: this.#at,
        ended,
      }),
    );
    return JSON.parse(bundle.draft(this.practice, 'transaction', 'record', this.#at).body) as WholeBundle;
  }

  /** A message of NHS 111: MessageHeader, Organization, Patient, Encounter. */
  message(): WholeBundle {
    const { random } = this.person;
    const bundle = new BundleDraft(random);
    const ids = { patient: random.uuid(), encounter: random.uuid() };
    openMessage(bundle, urgentCallService, this.person.practice, 'new', [ids.encounter], random);
    bundle.carry({
      ...patientResource({ ...this.#record, provider: urgentCallService, localId: ids.patient }, this.#at),
      id: ids.patient,
    });
    const encounter = encounterResource(this.#occasion(`urn:uuid:${ids.patient}`), {
      class: 'VR',
      type: encounterTypes.telephone,
      status: 'finished',
      until: this.#at + 12 * minute,
      reason: complaints[0]!.term,
      provider: urgentCallService,
    });
    bundle.carry({ ...encounter, id: ids.encounter });
    return JSON.parse(bundle.draft(urgentCallService, 'message', 'call', this.#at).body) as WholeBundle;
  }

  /** A single observation about a Patient under the sender's own id. */
  observation(): FhirResource & { id: string } {
    return { ...bloodPressure(this.#occasion(`Patient/${this.person.random.uuid()}`)), id: this.person.random.uuid() };
  }

  #occasion(patient: string): Occasion {
    const { person } = this;
    return {
      person,
      at: this.#at,
      subject: () => subjectOf(this.#record, patient),
      performer: undefined,
      encounter: undefined,
    };
  }
}

export const resourceAt = (bundle: WholeBundle, entry: number): FhirResource => bundle.entry[entry]!.resource!;
export const patientIn = (bundle: WholeBundle, entry: number): Patient => resourceAt(bundle, entry) as Patient;

const inBundle =
  (sender: Fault['sender'], kind: 'transaction' | 'message') =>
  (
    name: string,
    expected: Expected,
    entry: number | null,
    spoil: (bundle: WholeBundle, material: FaultMaterial) => void,
  ): Fault => ({
    name,
    sender,
    make: (material) => {
      const bundle = material[kind]();
      spoil(bundle, material);
      return {
        kind,
        body: JSON.stringify(bundle),
        resources: bundle.entry.length,
        expectations: [{ entry, fault: name, expected }],
      };
    },
  });

/** A fault in one entry of a practice's transaction; the whole transaction stands or falls with it. */
export const inTransaction = inBundle('practice', 'transaction');

/** A fault in a message of NHS 111. */
export const inMessage = inBundle('nhs-111', 'message');

/** A fault in the text of a transaction, below the level of FHIR. */
export const inText = (name: string, expected: Expected, spoil: (text: string) => string): Fault => ({
  name,
  sender: 'practice',
  make: (material) => {
    const bundle = material.transaction();
    const text = JSON.stringify(bundle);
    const body = spoil(text);
    if (body === text) throw new TypeError(`The fault ${name} changes nothing.`);
    return {
      kind: 'transaction',
      body,
      resources: bundle.entry.length,
      expectations: [{ entry: null, fault: name, expected }],
    };
  },
});
