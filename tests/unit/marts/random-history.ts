import type { Version } from './mart-lake';

/** Numbers by a seed (mulberry32), so that a failing history comes back by its seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0]!);
  }
}

export const people = ['p1', 'p2', 'p3', 'p4'];
const snomed = 'http://snomed.info/sct';
const concept = (code: string) => ({ coding: [{ system: snomed, code }] });
const day = (chance: Chance): string => `2026-${String(1 + chance.below(9)).padStart(2, '0')}-1${chance.below(10)}`;

const contents: Readonly<Record<string, (chance: Chance) => object>> = {
  Patient: (chance) => ({ birthDate: '1960-05-01', address: [{ postalCode: chance.pick(['BS1', 'BS3']) }] }),
  Encounter: (chance) => ({
    status: chance.pick(['finished', 'finished', 'in-progress', 'entered-in-error']),
    class: { code: chance.pick(['IMP', 'EMER', 'FLD']) },
    subject: { reference: `Patient/${chance.pick(people)}` },
    period: { start: `${day(chance)}T10:00:00Z`, end: `2026-10-0${1 + chance.below(9)}T10:00:00Z` },
  }),
  Observation: (chance) => ({
    status: chance.pick(['final', 'final', 'entered-in-error']),
    code: concept('27113001'),
    subject: { reference: `Patient/${chance.pick(people)}` },
    effectiveDateTime: `${day(chance)}T09:00:00Z`,
    ...(chance.below(2) === 0
      ? { valueQuantity: { value: chance.below(2000) / 10, code: 'kg' } }
      : { component: [1, 2].map(() => ({ code: concept('271649006'), valueQuantity: { value: chance.below(200) } })) }),
  }),
  Condition: (chance) => ({
    code: concept(chance.pick(['195967001', '13645005'])),
    subject: { reference: `Patient/${chance.pick(people)}` },
    recordedDate: day(chance),
  }),
};

export const types = Object.keys(contents);

/** Versions of a few resources, one after another: creates, updates and tombstones. */
export class RandomHistory {
  readonly #chance: Chance;
  readonly #versions = new Map<string, number>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  next(): Version {
    const type = this.#chance.pick(types);
    const id = type === 'Patient' ? this.#chance.pick(people) : `${type.toLowerCase()}-${this.#chance.below(6)}`;
    const version = (this.#versions.get(`${type}/${id}`) ?? 0) + 1;
    this.#versions.set(`${type}/${id}`, version);
    const deleted = version > 1 && this.#chance.below(5) === 0;
    return { type, id, version, deleted, resource: { resourceType: type, id, ...contents[type]!(this.#chance) } };
  }
}
