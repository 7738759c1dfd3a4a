import { type Area, simulatedAreas } from './areas';
import { day, dayOf, type LondonTime, year, yearsBetween } from './london-time';
import { type ConditionName, type LongTermCondition, longTermConditions } from './long-term-conditions';
import { boysNames, familyNames, girlsNames, streetKinds, streets } from './names';
import type { NhsNumberSource } from './nhs-number-source';
import { hospitalOf, practicesOf, type SimulatedProvider } from './providers';
import { Random } from './random';

export interface Home {
  readonly from: LondonTime;
  readonly area: Area;
  readonly lsoa: string;
  readonly line: string;
  /** With an inward part that begins with 0, which no street in use has. */
  readonly postcode: string;
}

export interface KnownCondition {
  readonly condition: LongTermCondition;
  readonly since: LondonTime;
}

/** Somebody who does not exist, as they truly are; each provider knows a part of it, and not always the right one. */
export interface SimulatedPerson {
  readonly sex: 'male' | 'female';
  readonly born: LondonTime;
  readonly died: LondonTime | undefined;
  readonly given: readonly string[];
  readonly family: string;
  /** A name they had before. */
  readonly formerFamily: string | undefined;
  readonly title: string;
  /** UK Core ethnic category (England). */
  readonly ethnicity: readonly [code: string, display: string];
  readonly maritalStatus: readonly [code: string, display: string] | undefined;
  /** BCP 47, when it is not English. */
  readonly language: readonly [code: string, display: string] | undefined;
  readonly homes: readonly Home[];
  readonly mobile: string;
  readonly landline: string | undefined;
  readonly email: string | undefined;
  readonly nhsNumber: string;
  /** A number that was replaced by the one above. */
  readonly formerNhsNumber: string | undefined;
  readonly visitor: boolean;
  readonly practice: SimulatedProvider;
  readonly hospital: SimulatedProvider;
  readonly smoking: 'never' | 'former' | 'current';
  readonly conditions: readonly KnownCondition[];
  readonly allergic: boolean;
  /** Their own stream of chance, for what happens to them. */
  readonly random: Random;
}

export interface Period {
  readonly start: LondonTime;
  readonly end: LondonTime;
}

// Shares of the region's people by age, from the shape of the 2021 census: youngest age of the band, share.
const ageBands: readonly (readonly [readonly [number, number], number])[] = [
  [[0, 4], 5.5],
  [[5, 17], 14.5],
  [[18, 29], 19],
  [[30, 44], 21],
  [[45, 59], 18],
  [[60, 74], 14],
  [[75, 84], 5.8],
  [[85, 96], 2.2],
];

// Chance to die within a year by age reached (ONS life tables, rounded): from age, chance.
const mortality: readonly (readonly [number, number])[] = [
  [0, 0.0004],
  [40, 0.002],
  [55, 0.006],
  [65, 0.014],
  [75, 0.04],
  [85, 0.13],
];

const ethnicities: readonly (readonly [readonly [string, string], number])[] = [
  [['A', 'White - British'], 78],
  [['B', 'White - Irish'], 1],
  [['C', 'White - Any other White background'], 7],
  [['D', 'Mixed - White and Black Caribbean'], 1.6],
  [['G', 'Mixed - Any other mixed background'], 1],
  [['H', 'Asian or Asian British - Indian'], 2],
  [['J', 'Asian or Asian British - Pakistani'], 1.5],
  [['L', 'Asian or Asian British - Any other Asian background'], 1.2],
  [['M', 'Black or Black British - Caribbean'], 1.5],
  [['N', 'Black or Black British - African'], 2.2],
  [['R', 'Other Ethnic Groups - Chinese'], 1],
  [['Z', 'Not stated'], 3],
];

const languages: readonly (readonly [string, string])[] = [
  ['so', 'Somali'],
  ['pl', 'Polish'],
  ['ur', 'Urdu'],
  ['zh', 'Chinese'],
];

function maritalStatusAt(age: number, random: Random): readonly [string, string] | undefined {
  if (age < 18 || random.chance(0.3)) return undefined;
  if (age < 28) return ['S', 'Single'];
  return random.weighted([
    [['M', 'Married/Civil Partner'] as const, 50],
    [['S', 'Single'] as const, 25],
    [['D', 'Divorced/Person whose Civil Partnership has been dissolved'] as const, 10],
    [['W', 'Widowed/Surviving Civil Partner'] as const, age > 65 ? 25 : 2],
  ]);
}

/** The last step whose age is reached. */
export const atAge = (steps: readonly (readonly [age: number, value: number])[], age: number): number =>
  steps.findLast(([from]) => age >= from)?.[1] ?? 0;

function homeFrom(from: LondonTime, random: Random): Home {
  const area = random.weighted(simulatedAreas.map((one) => [one, one.weight] as const));
  const letters = 'ABDEFGHJLNPQRSTUWXYZ';
  return {
    from,
    area,
    lsoa: random.pick(area.lsoas),
    line: `${random.whole(1, 180)} ${random.pick(streets)} ${random.pick(streetKinds)}`,
    postcode: `${area.outward} 0${random.pick([...letters])}${random.pick([...letters])}`,
  };
}

function deathWithin({ start, end }: Period, born: LondonTime, random: Random): LondonTime | undefined {
  for (let from = start; from < end; from += year) {
    if (!random.chance(atAge(mortality, yearsBetween(born, from)))) continue;
    const at = from + random.whole(0, 364) * day + random.whole(0, 23) * 3_600_000;
    return at > born && at < end ? at : undefined;
  }
  return undefined;
}

function conditionsOf(
  born: LondonTime,
  end: LondonTime,
  smoking: SimulatedPerson['smoking'],
  random: Random,
): KnownCondition[] {
  const age = yearsBetween(born, end);
  const known: KnownCondition[] = [];
  for (const condition of longTermConditions) {
    const share = atAge(condition.prevalence, age) * (smoking === 'never' ? 1 : condition.smokers);
    const [youngest, oldest] = condition.onset;
    const begins = born + (youngest + random.fraction() * (Math.min(oldest, age) - youngest)) * year;
    if (random.chance(share) && age > youngest) known.push({ condition, since: Math.floor(begins / day) * day });
  }
  return known;
}

export const hasCondition = (person: SimulatedPerson, name: ConditionName, at: LondonTime): boolean =>
  person.conditions.some(({ condition, since }) => condition.name === name && since <= at);

export const homeAt = (person: SimulatedPerson, at: LondonTime): Home =>
  person.homes.findLast(({ from }) => from <= at) ?? person.homes[0]!;

export const isAliveAt = (person: SimulatedPerson, at: LondonTime): boolean =>
  at >= person.born && (person.died === undefined || at < person.died);

/** @param index Counts the people of a population from 0; a person depends on seed and index, not on the others. */
export function simulatedPerson(
  seed: string,
  index: number,
  period: Period,
  numbers: NhsNumberSource,
): SimulatedPerson {
  const random = new Random(seed, 'person', index);
  const sex = random.chance(0.505) ? 'female' : 'male';
  const [youngest, oldest] = random.weighted(ageBands);
  const age = random.whole(youngest, oldest);
  const born = dayOf(new Date(period.end - age * year - random.whole(1, 364) * day).toISOString().slice(0, 10));
  const smoking =
    age < 16
      ? 'never'
      : random.weighted([
          ['never', 60],
          ['former', 27],
          ['current', 13],
        ] as const);
  const homes = [homeFrom(born, random)];
  // One in four moves within the region in the period; most stay with their practice for a while.
  if (random.chance(0.25)) homes.push(homeFrom(period.start + random.fraction() * (period.end - period.start), random));
  const { area } = homes[0]!;
  const given = random.pick(sex === 'female' ? girlsNames : boysNames);
  const family = random.pick(familyNames);
  return {
    sex,
    born,
    died: deathWithin(period, born, random),
    given: random.chance(0.4) ? [given, random.pick(sex === 'female' ? girlsNames : boysNames)] : [given],
    family,
    formerFamily: sex === 'female' && age > 25 && random.chance(0.3) ? random.pick(familyNames) : undefined,
    title:
      age < 16 ? (sex === 'female' ? 'Miss' : 'Master') : sex === 'female' ? random.pick(['Mrs', 'Ms', 'Miss']) : 'Mr',
    ethnicity: random.weighted(ethnicities),
    maritalStatus: maritalStatusAt(age, random),
    language: random.chance(0.06) ? random.pick(languages) : undefined,
    homes,
    // Ranges Ofcom keeps for drama: they ring nowhere.
    mobile: `07700900${random.digits(3)}`,
    landline: random.chance(0.4) ? `01174960${random.digits(3)}` : undefined,
    email:
      age > 14 && random.chance(0.6)
        ? `${given.replace(/[^A-Za-z]/g, '').toLowerCase()}.${random.digits(5)}@mail.example`
        : undefined,
    nhsNumber: numbers.next(),
    formerNhsNumber: random.chance(0.03) ? numbers.next() : undefined,
    visitor: random.chance(0.01),
    practice: random.pick(practicesOf(area)),
    hospital: hospitalOf(area),
    smoking,
    conditions: conditionsOf(born, period.end, smoking, random),
    allergic: random.chance(0.12),
    random,
  };
}
