import type { ReferenceSelect, ReferenceView } from './reference-runner';

/** Deterministic pseudo-random numbers (mulberry32), so that a failing pair can be made again from its seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

interface Element {
  readonly type: string;
  readonly many?: boolean;
  /** The type in the JSON name of a choice element. */
  readonly choice?: readonly string[];
}

const one = (type: string): Element => ({ type });
const many = (type: string): Element => ({ type, many: true });
const choice = (...types: string[]): Element => ({ type: 'choice', choice: types });

/** A part of R4 with every structural case: lists in lists, choices, recursion, references, all families of primitives. */
const model: Readonly<Record<string, Readonly<Record<string, Element>>>> = {
  Patient: {
    ...{ active: one('boolean'), gender: one('code'), birthDate: one('date'), name: many('HumanName') },
    ...{ telecom: many('ContactPoint'), contact: many('Contact'), address: many('Address') },
    ...{ deceased: choice('boolean', 'dateTime'), multipleBirth: choice('boolean', 'integer') },
    ...{ managingOrganization: one('Reference'), generalPractitioner: many('Reference'), extension: many('Extension') },
  },
  Observation: {
    ...{ status: one('code'), code: one('CodeableConcept'), category: many('CodeableConcept'), issued: one('instant') },
    ...{ subject: one('Reference'), effective: choice('dateTime', 'Period', 'instant'), component: many('Component') },
    value: choice('Quantity', 'string', 'integer', 'boolean', 'CodeableConcept', 'dateTime', 'time', 'Range'),
    performer: many('Reference'),
  },
  QuestionnaireResponse: { status: one('code'), item: many('Item'), authored: one('dateTime') },
  Item: { linkId: one('string'), text: one('string'), item: many('Item'), answer: many('Answer') },
  Answer: { value: choice('string', 'integer', 'boolean', 'decimal'), item: many('Item') },
  Component: { code: one('CodeableConcept'), value: choice('Quantity', 'string', 'integer') },
  Contact: {
    ...{ name: one('HumanName'), telecom: many('ContactPoint'), gender: one('code'), address: one('Address') },
    relationship: many('CodeableConcept'),
  },
  HumanName: { use: one('code'), family: one('string'), given: many('string'), period: one('Period') },
  ContactPoint: { system: one('code'), value: one('string'), rank: one('positiveInt') },
  Address: { city: one('string'), line: many('string'), period: one('Period') },
  Period: { start: one('dateTime'), end: one('dateTime') },
  CodeableConcept: { coding: many('Coding'), text: one('string') },
  Coding: { system: one('uri'), code: one('code'), userSelected: one('boolean') },
  Quantity: { value: one('decimal'), unit: one('string') },
  Range: { low: one('Quantity'), high: one('Quantity') },
  Reference: { reference: one('reference') },
  // No two of which one is a subtype of the other: ofType() means the exact type here, and fhirpath.js means subtypes too.
  Extension: { url: one('uri'), value: choice('string', 'integer', 'boolean') },
};

const values: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  code: ['a', 'b', 'c'],
  string: ['a', 'b', 'x y', "it's", 'é', ''].slice(0, 5),
  uri: ['http://one', 'http://two'],
  integer: [0, 1, 2, 11, -3],
  positiveInt: [1, 2, 3],
  decimal: [0, 1, 1.5, 2.25, -0.75, 100],
  date: ['1970', '1970-06', '1970-06-15', '2001-12-31'],
  dateTime: ['2001', '2001-12', '2001-12-31', '2001-12-31T10:00:00Z', '2001-12-31T10:00:00.5Z', '2015-02-07T13:28:17Z'],
  instant: ['2015-02-07T13:28:17.239Z', '2015-02-07T13:28:17Z', '2016-01-01T00:00:00Z'],
  time: ['10:00:00', '18:12:00', '18:12:00.250'],
  reference: [
    'Patient/p1',
    'Organization/o1',
    'Organization/o1/_history/2',
    'http://x/Organization/o1',
    '#c',
    'urn:uuid:1',
    'Patient?a=b/c',
  ],
};

const isPrimitive = (type: string): boolean => Object.hasOwn(values, type);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const rootTypes = ['Patient', 'Observation', 'QuestionnaireResponse'] as const;

/** A random resource with the elements of the model. */
export function randomResource(
  dice: Dice,
  type: string,
  index: number,
): Record<string, unknown> & { resourceType: string } {
  return { resourceType: type, id: `p${index}`, ...(randomValue(dice, type, 0) as Record<string, unknown>) };
}

function randomValue(dice: Dice, type: string, depth: number): unknown {
  if (isPrimitive(type)) return dice.pick(values[type]!);
  const result: Record<string, unknown> = {};
  for (const [name, element] of Object.entries(model[type]!)) {
    if (!dice.chance(depth > 3 ? 0.3 : 0.65)) continue;
    const chosen = element.choice === undefined ? element.type : dice.pick(element.choice);
    const key = element.choice === undefined ? name : `${name}${capital(chosen)}`;
    const value = () => randomValue(dice, chosen, depth + 1);
    if (chosen === 'Item' && depth > 4) continue;
    const found = element.many === true ? Array.from({ length: 1 + dice.below(3) }, value) : [value()];
    const present = found.filter((item) => item !== undefined);
    if (present.length > 0) result[key] = element.many === true ? present : present[0];
  }
  // FHIR has no empty objects.
  return Object.keys(result).length === 0 ? undefined : result;
}

interface Path {
  readonly text: string;
  readonly type: string;
  readonly many: boolean;
}

const literals: Readonly<Record<string, readonly string[]>> = {
  code: ["'a'", "'b'", '%code'],
  string: ["'a'", "'x y'", "'it\\'s'"],
  uri: ["'http://one'"],
  integer: ['1', '2', '%number', '-3'],
  positiveInt: ['1', '2', '%number'],
  decimal: ['1.5', '1', '%amount', '0.75'],
  date: ['@1970', '@1970-06-15', '%day'],
  dateTime: ['@2001-12-31', '@2001-12-31T10:00:00Z', '@2001', '%moment'],
  instant: ['@2015-02-07T13:28:17Z'],
  time: ['@T18:12:00'],
};

/** Random views over the model; what it writes is meant to be right, so that both runners accept it. */
export class ViewGenerator {
  readonly #dice: Dice;
  #columns = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  view(resource: string): ReferenceView {
    const dice = this.#dice;
    const where = dice.chance(0.4) ? [{ path: this.#boolean({ text: '', type: resource, many: false }, 1) }] : [];
    return {
      resource,
      constant: [
        ...[
          { name: 'code', valueCode: 'a' },
          { name: 'number', valueInteger: 1 },
          { name: 'amount', valueDecimal: 2.25 },
        ],
        ...[
          { name: 'day', valueDate: '1970-06' },
          { name: 'moment', valueDateTime: '2001-12' },
        ],
      ],
      select: [
        { column: [{ name: 'key', path: 'getResourceKey()' }] },
        ...this.#selects(resource, 0, 1 + dice.below(2)),
      ],
      where,
    };
  }

  #selects(type: string, depth: number, count: number): ReferenceSelect[] {
    return Array.from({ length: count }, () => this.#select(type, depth));
  }

  #select(type: string, depth: number): ReferenceSelect {
    const dice = this.#dice;
    const { iteration, inner } = this.#iteration(type);
    const deeper = !isPrimitive(inner) && depth < 2;
    return {
      ...iteration,
      column: Array.from({ length: 1 + dice.below(3) }, () => this.#column(inner)),
      ...(deeper && dice.chance(0.35) ? { select: this.#selects(inner, depth + 1, 1) } : {}),
      ...(deeper && dice.chance(0.3) ? { unionAll: this.#union(inner) } : {}),
    };
  }

  /** Branches with the same column names and kinds, each over an iteration of its own or none. */
  #union(type: string): ReferenceSelect[] {
    const [text, flag] = [this.#name(), this.#name()];
    return Array.from({ length: 1 + this.#dice.below(3) }, (): ReferenceSelect => {
      const { iteration, inner } = this.#iteration(type);
      const leaf = this.#leaf(inner, ['code', 'string', 'uri']);
      return {
        ...iteration,
        column: [
          { name: text, path: leaf === undefined ? "'none'" : this.#firstOf(leaf) },
          {
            name: flag,
            path: isPrimitive(inner) ? '%rowIndex = 0' : this.#boolean({ text: '', type: inner, many: false }, 1),
          },
        ],
      };
    });
  }

  #iteration(type: string): { iteration: ReferenceSelect; inner: string } {
    const dice = this.#dice;
    if ((type === 'QuestionnaireResponse' || type === 'Item') && dice.chance(0.5)) {
      return {
        iteration: { repeat: dice.pick([['item'], ['item', 'answer.item'], ['answer.item', 'item']]) },
        inner: 'Item',
      };
    }
    const path = dice.chance(0.6) ? this.#walk(type, 1 + dice.below(2)) : undefined;
    if (path === undefined || path.type === 'choice') return { iteration: {}, inner: type };
    const key = dice.chance(0.5) ? 'forEach' : 'forEachOrNull';
    return { iteration: { [key]: path.text }, inner: path.type };
  }

  #name(): string {
    this.#columns += 1;
    return `c${this.#columns}`;
  }

  #column(type: string): { name: string; path: string; collection?: boolean } {
    const dice = this.#dice;
    const name = this.#name();
    if (isPrimitive(type)) return { name, path: dice.pick(['$this', '%rowIndex']) };
    const kind = dice.below(8);
    if (kind === 0) return { name, path: '%rowIndex' };
    if (kind === 1) return { name, path: this.#boolean({ text: '', type, many: false }, 2) };
    if (kind === 2) return { name, path: this.#number(type) };
    if (kind === 3) {
      const texts = this.#leaf(type, ['code', 'string', 'uri']);
      return { name, path: texts === undefined ? "'none'" : `${texts.text}.join(${dice.pick(['', "','"])})` };
    }
    if (kind === 4) {
      const reference = this.#leaf(type, ['Reference']);
      if (reference !== undefined) {
        const key = `${reference.text}.getReferenceKey(${dice.pick(['', 'Organization', 'Patient'])})`;
        return { name, path: key, collection: true };
      }
    }
    const leaf = this.#leaf(type) ?? { text: "'none'", many: false, type: 'string' };
    // Now and then a list without `collection`: both runners must refuse it exactly when it has several values.
    if (leaf.many && dice.chance(0.15)) return { name, path: leaf.text };
    return leaf.many && dice.chance(0.5)
      ? { name, path: this.#firstOf(leaf) }
      : { name, path: leaf.text, collection: leaf.many };
  }

  #firstOf({ text, many }: Path): string {
    return many ? `${text}${this.#dice.pick(['.first()', '[0]', '[1]', '[%number]'])}` : text;
  }

  #number(type: string): string {
    const leaf = this.#leaf(type, ['integer', 'positiveInt', 'decimal']);
    const value = leaf === undefined ? '%rowIndex' : this.#firstOf(leaf);
    return `${value} ${this.#dice.pick(['+', '-', '*', '/'])} ${this.#dice.pick(['2', '1.5', '%amount', '4'])}`;
  }

  /** A path from a type to a primitive (or to one of the given types). */
  #leaf(type: string, wanted?: readonly string[]): Path | undefined {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const path = this.#walk(type, 1 + this.#dice.below(4), wanted);
      if (path !== undefined && (wanted === undefined ? isPrimitive(path.type) : wanted.includes(path.type)))
        return path;
    }
    return undefined;
  }

  #walk(type: string, steps: number, wanted: readonly string[] = []): Path | undefined {
    const dice = this.#dice;
    let path: Path = { text: '', type, many: false };
    for (let step = 0; step < steps; step += 1) {
      const elements = Object.entries(model[path.type] ?? {});
      if (elements.length === 0) break;
      const [name, element] = dice.pick(elements);
      path = this.#step(path, name, element);
      if (wanted.includes(path.type)) break;
    }
    return path.text === '' ? undefined : path;
  }

  #step(path: Path, name: string, element: Element): Path {
    const dice = this.#dice;
    const prefix = path.text === '' ? '' : `${path.text}.`;
    const type = element.choice === undefined ? element.type : dice.pick(element.choice);
    let next: Path = {
      text: `${prefix}${name}${element.choice === undefined ? '' : `.ofType(${type})`}`,
      type,
      many: path.many || element.many === true,
    };
    if (type === 'Extension' && dice.chance(0.5)) next = { ...next, text: `${prefix}extension('http://one')` };
    if (!next.many) return next;
    if (dice.chance(0.3)) {
      const inner = { text: isPrimitive(type) ? '$this' : '', type, many: false };
      next = { ...next, text: `${next.text}.where(${this.#boolean(inner, 0)})` };
    }
    return dice.chance(0.25) ? { ...next, text: this.#firstOf(next), many: false } : next;
  }

  /** A Boolean expression about a value of a type. */
  #boolean(of: Path, depth: number): string {
    const dice = this.#dice;
    if (depth > 0 && dice.chance(0.35)) {
      const [left, right] = [this.#boolean(of, depth - 1), this.#boolean(of, depth - 1)];
      return dice.pick([`(${left}) and (${right})`, `(${left}) or (${right})`, `(${left}).not()`]);
    }
    if (isPrimitive(of.type)) return this.#comparison(of);
    const leaf = this.#leaf(of.type);
    if (leaf === undefined) return '%rowIndex = 0';
    if (dice.chance(0.3)) return `${leaf.text}.${dice.pick(['exists()', 'empty()'])}`;
    return this.#comparison(leaf);
  }

  #comparison(leaf: Path): string {
    const dice = this.#dice;
    // fhirpath.js takes a criterion that is a false element for true, so a criterion is never a bare element here.
    if (leaf.type === 'boolean') return leaf.many ? `${leaf.text}.exists($this = true)` : `${leaf.text} = true`;
    const literal = dice.pick(literals[leaf.type] ?? []) as string | undefined;
    if (literal === undefined) return `${leaf.text}.exists()`;
    const equality = dice.pick(['=', '!=']);
    if (dice.chance(0.5)) return `${leaf.text} ${equality} ${literal}`;
    return `${this.#firstOf(leaf)} ${dice.pick(['=', '!=', '<', '>', '<=', '>='])} ${literal}`;
  }
}
