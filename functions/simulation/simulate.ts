import { complaints, type SimulatedProvider, simulatedProviders } from './bnssg';
import { type About, bloodPressure, condition, encounter, type EncounterFacts, fluVaccination, measurement, medicationRequest, patient, type Resource, smokingStatus } from './fhir-builders';
import { SeededRandom } from './seeded-random';
import { type SimulatedPerson, simulatePerson } from './simulated-person';

export interface SimulationSettings {
  readonly people: number;
  readonly seed: number;
  /** The last day of the histories, YYYY-MM-DD. */
  readonly end?: string;
  /** Years of history. */
  readonly years?: number;
}

/** One message of one provider, as its system would send it. */
export interface SimulatedMessage {
  readonly provider: string;
  /** File name, unique within the provider. */
  readonly name: string;
  readonly kind: 'transaction' | 'message' | 'ndjson';
  readonly body: string;
}

const dayMilliseconds = 86_400_000;
const emergencyType = ['50849002', 'Emergency room admission'] as const;
const admissionType = ['32485007', 'Hospital admission'] as const;
const consultationType = ['185345009', 'Encounter for symptom'] as const;
const callType = ['185317003', 'Telephone encounter'] as const;
const ambulanceType = ['4525004', 'Emergency department patient visit'] as const;

/**
 * A synthetic population with its histories, person by person and in bounded memory, decided by its seed alone. NHS numbers
 * lie in the 999 range, organisations do not exist, telephone numbers are Ofcom's for drama.
 */
export function* simulate({ people, seed, end = '2026-10-31', years = 5 }: SimulationSettings): Generator<SimulatedMessage> {
  const last = Date.parse(`${end}T00:00:00Z`);
  for (let index = 0; index < people; index += 1) {
    const random = new SeededRandom(Math.imul(seed, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
    const person = simulatePerson(index, random, Number(end.slice(0, 4)));
    yield* new History(person, random, last, years).messages();
  }
}

class History {
  readonly #person: SimulatedPerson;
  readonly #random: SeededRandom;
  readonly #last: number;
  readonly #years: number;

  constructor(person: SimulatedPerson, random: SeededRandom, last: number, years: number) {
    this.#person = person;
    this.#random = random;
    this.#last = last;
    this.#years = years;
  }

  *messages(): Generator<SimulatedMessage> {
    const { index, practice } = this.#person;
    yield transaction(practice, `gp-${index}`, this.#random, this.#person, (about) => this.#practiceRecord(about));
    const emergencies = this.#times(this.#person.age > 65 ? 0.5 : 0.2);
    const calls = this.#times(0.3);
    if (emergencies.length > 0) yield transaction(this.#person.hospital, `hospital-${index}`, this.#random, this.#person, (about) => emergencies.flatMap((time) => this.#emergency(about, time)));
    for (const [number, time] of calls.entries()) yield this.#call('111', callType, time, `call-${index}-${number}`);
    for (const [number, time] of emergencies.entries()) {
      if (this.#random.chance(0.3)) yield this.#call('ambulance', ambulanceType, time - 3_600_000, `incident-${index}-${number}`);
    }
    if (this.#person.conditions.some(({ kind }) => kind.code === '35489007')) yield this.#mentalHealth();
  }

  #iso(time: number): string {
    return new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', '+00:00');
  }

  #day(time: number): string {
    return new Date(time).toISOString().slice(0, 10);
  }

  /** Moments in the history, at a yearly rate; by day more than by night. */
  #times(perYear: number): number[] {
    const times: number[] = [];
    for (let year = 0; year < this.#years; year += 1) {
      if (!this.#random.chance(perYear)) continue;
      const day = this.#last - (year * 365 + this.#random.whole(1, 364)) * dayMilliseconds;
      const hour = this.#random.weighted([[this.#random.whole(8, 20), 7], [this.#random.whole(0, 23), 3]] as const);
      times.push(day + hour * 3_600_000 + this.#random.whole(0, 59) * 60_000);
    }
    return times.sort((left, right) => left - right);
  }

  #practiceRecord(about: About): Resource[] {
    const { age, conditions, practice } = this.#person;
    const random = this.#random;
    const resources: Resource[] = [];
    for (const { kind, since } of conditions) {
      resources.push(condition(about, kind.code, kind.display, this.#day(this.#last - since * 365 * dayMilliseconds)));
      for (let year = 0; year < this.#years; year += 1) resources.push(medicationRequest(about, this.#day(this.#last - (year * 365 + random.whole(1, 300)) * dayMilliseconds), kind.medicine));
    }
    for (let year = 0; year < this.#years; year += 1) {
      if (random.chance(age >= 65 ? 0.8 : 0.25)) resources.push(fluVaccination(about, this.#day(this.#last - (year * 365 + random.whole(1, 60)) * dayMilliseconds)));
    }
    for (const time of this.#times(0.9)) {
      const facts: EncounterFacts = { class: 'AMB', type: consultationType, start: this.#iso(time), end: this.#iso(time + 600_000), provider: practice };
      resources.push(encounter(about, facts));
      if (age < 16) continue;
      resources.push(bloodPressure(about, this.#iso(time), random.whole(105, 165), random.whole(62, 98)));
      resources.push(measurement(about, this.#iso(time), '39156-5', 'Body mass index', random.whole(190, 380) / 10, 'kg/m2'));
      if (conditions.some(({ kind }) => kind.code === '44054006')) resources.push(measurement(about, this.#iso(time), '4548-4', 'Haemoglobin A1c', random.whole(50, 110) / 10, '%'));
    }
    if (age >= 16) resources.push(smokingStatus(about, this.#iso(this.#last - random.whole(1, 700) * dayMilliseconds)));
    return resources;
  }

  #emergency(about: About, time: number): Resource[] {
    const random = this.#random;
    const { hospital: provider } = this.#person;
    const reason = random.pick(complaints);
    const stay = random.whole(1, 9) * 3_600_000;
    const resources = [encounter(about, { class: 'EMER', type: emergencyType, reason, start: this.#iso(time), end: this.#iso(time + stay), provider })];
    if (!random.chance(0.35)) return resources;
    const discharge = time + stay + random.whole(1, 12) * dayMilliseconds;
    resources.push(encounter(about, { class: 'IMP', type: admissionType, reason, start: this.#iso(time + stay), end: this.#iso(discharge), provider }));
    if (random.chance(0.15)) {
      const again = discharge + random.whole(2, 28) * dayMilliseconds;
      resources.push(encounter(about, { class: 'IMP', type: admissionType, reason, start: this.#iso(again), end: this.#iso(again + 3 * dayMilliseconds), provider }));
    }
    return resources;
  }

  #call(kind: '111' | 'ambulance', type: EncounterFacts['type'], time: number, name: string): SimulatedMessage {
    const provider = simulatedProviders.find((one) => one.kind === kind)!;
    const random = this.#random;
    const [header, sender, person, visit] = [random.uuid(), random.uuid(), random.uuid(), random.uuid()];
    const about: About = { subject: `urn:uuid:${person}`, person: this.#person };
    const facts: EncounterFacts = { class: kind === '111' ? 'VR' : 'EMER', type, reason: random.pick(complaints), start: this.#iso(time), end: this.#iso(time + 900_000), provider };
    const entry = [
      [header, { resourceType: 'MessageHeader', eventUri: 'https://example.nhs.uk/event/encounter', source: { endpoint: `https://example.nhs.uk/${provider.ods}` }, sender: { reference: `urn:uuid:${sender}` }, focus: [{ reference: `urn:uuid:${visit}` }] }],
      [sender, { resourceType: 'Organization', identifier: [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: provider.ods }], name: provider.name }],
      [person, patient(this.#person, undefined, provider)],
      [visit, encounter(about, facts)],
    ].map(([id, resource]) => ({ fullUrl: `urn:uuid:${String(id)}`, resource }));
    return { provider: provider.ods, name: `${name}.json`, kind: 'message', body: JSON.stringify({ resourceType: 'Bundle', type: 'message', entry }) };
  }

  /** A trust that sends resource by resource, with ids of its own. */
  #mentalHealth(): SimulatedMessage {
    const provider = simulatedProviders.find((one) => one.kind === 'mental-health')!;
    const localId = `mh-${this.#person.index}`;
    const about: About = { subject: `Patient/${localId}`, person: this.#person };
    const time = this.#last - this.#random.whole(10, 900) * dayMilliseconds;
    const contact = encounter(about, { class: 'AMB', type: consultationType, start: this.#iso(time), end: this.#iso(time + 3_000_000), provider });
    const lines = [patient(this.#person, localId, provider), { ...contact, id: `${localId}-contact` }];
    return { provider: provider.ods, name: `contacts-${this.#person.index}.ndjson`, kind: 'ndjson', body: lines.map((line) => JSON.stringify(line)).join('\n') };
  }
}

function transaction(provider: SimulatedProvider, name: string, random: SeededRandom, person: SimulatedPerson, record: (about: About) => readonly Resource[]): SimulatedMessage {
  const fullUrl = `urn:uuid:${random.uuid()}`;
  const about: About = { subject: fullUrl, person };
  const own = `https://example.nhs.uk/${provider.ods.toLowerCase()}/patient|${provider.ods}-${person.index}`;
  const entry = [
    { fullUrl, resource: patient(person, undefined, provider), request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${own}` } },
    ...record(about).map((resource) => ({ fullUrl: `urn:uuid:${random.uuid()}`, resource, request: { method: 'POST', url: resource.resourceType } })),
  ];
  return { provider: provider.ods, name: `${name}.json`, kind: 'transaction', body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }) };
}
