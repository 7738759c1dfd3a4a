import type { HealthEvent } from './health-event';
import { atHour, day, dayOf, hour, type LondonTime, workingDay, year, yearOf, yearsBetween } from './london-time';
import { isMentalHealth } from './long-term-conditions';
import { atAge, homeAt, isAliveAt, type KnownCondition, type Period, type SimulatedPerson } from './simulated-person';
import { admissionDiagnoses, complaints, consultations, electiveProcedures } from './terms';
import { emergencyStay, urgentJourney } from './urgent-journey';

const surgeryHours = [0, 0, 0, 0, 0, 0, 0, 0, 9, 12, 12, 10, 5, 4, 8, 10, 10, 8, 2, 0, 0, 0, 0, 0];
const theatreHours = [0, 0, 0, 0, 0, 0, 0, 8, 12, 6, 4, 2, 4, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

// Visits to the practice a year by age, before long-term conditions add their own.
const visits: readonly (readonly [number, number])[] = [
  [0, 1.6],
  [5, 0.7],
  [18, 0.8],
  [45, 1.2],
  [65, 1.9],
  [80, 2.2],
];
const urgentNeed: readonly (readonly [number, number])[] = [
  [0, 0.4],
  [5, 0.25],
  [18, 0.3],
  [60, 0.36],
  [75, 0.7],
  [85, 1],
];

/** All that happens to a person in the period, in the order of time; bounded by the length of the period. */
export function healthHistory(person: SimulatedPerson, period: Period): readonly HealthEvent[] {
  const { random } = person;
  const start = Math.max(period.start, person.born + day);
  const end = Math.min(period.end, person.died ?? period.end);
  const registered = atHour(workingDay(start + random.whole(0, 60) * day), surgeryHours, random);
  const events: HealthEvent[] = [{ kind: 'registration', at: registered }];
  const surgery = (at: LondonTime): LondonTime => atHour(workingDay(at), surgeryHours, random);
  const inYear = (from: LondonTime): LondonTime => from + random.whole(0, 364) * day;
  for (const { from } of person.homes.slice(1)) events.push({ kind: 'move', at: surgery(from + 10 * day) });
  for (const known of person.conditions) {
    if (known.since > registered) events.push({ kind: 'diagnosis', at: surgery(known.since), known });
    if (isMentalHealth(known.condition.name)) events.push(...mentalHealthCare(person, known, registered, end));
  }
  for (let from = start; from < end; from += year) {
    const age = yearsBetween(person.born, from);
    const { deprivation } = homeAt(person, from).area;
    const current = person.conditions.filter(({ since }) => since < from);
    for (let count = random.times(atAge(visits, age) + current.length * 0.3); count > 0; count -= 1) {
      events.push({
        kind: 'consultation',
        at: surgery(inYear(from)),
        reason: random.weighted(consultations),
        telephone: random.chance(0.3),
      });
    }
    for (const known of current)
      if (random.chance(0.8)) events.push({ kind: 'review', at: surgery(inYear(from)), known });
    const severe = current.some(({ condition }) => condition.severe) ? 0.6 : 0;
    for (
      let count = random.times((atAge(urgentNeed, age) + severe) * (1.3 - deprivation * 0.1));
      count > 0;
      count -= 1
    ) {
      events.push(...urgentJourney(person, inYear(from), random));
    }
    if (random.chance(age > 50 ? 0.06 : 0.015)) events.push(plannedStay(inYear(from), person));
    events.push(...flu(person, yearOf(from), age, current));
  }
  if (person.died !== undefined) events.push(...lastDays(person, person.died));
  const lived = events
    .filter(({ kind, at }) => at < period.end && at >= registered && (kind === 'death' || isAliveAt(person, at)))
    .map((event) => endingWith(event, person.died))
    .sort((left, right) => left.at - right.at);
  return oneBedEach(lived);
}

const elsewhere: ReadonlySet<HealthEvent['kind']> = new Set(['call', 'incident', 'attendance', 'admission']);

/** Nobody calls, comes or is admitted while on a ward; the stay somebody dies in goes before all others. */
function oneBedEach(events: readonly HealthEvent[]): HealthEvent[] {
  let until = Number.NEGATIVE_INFINITY;
  return events.filter((event) => {
    const onWard = event.at < until && elsewhere.has(event.kind);
    if (event.kind !== 'admission') return !onWard;
    if (onWard && !event.died) return false;
    until = event.until;
    return true;
  });
}

/** A stay that would last beyond death ends with it. */
function endingWith(event: HealthEvent, died: LondonTime | undefined): HealthEvent {
  if (died === undefined || !('until' in event) || event.until < died) return event;
  return event.kind === 'admission' ? { ...event, until: died, died: true } : { ...event, until: died };
}

function flu(
  { random }: SimulatedPerson,
  inYear: number,
  age: number,
  current: readonly KnownCondition[],
): HealthEvent[] {
  const eligible = age >= 65 || current.some(({ condition }) => condition.fluEligible);
  if (!eligible) return [];
  const outcome = random.weighted([
    ['given', age >= 65 ? 74 : 44],
    ['declined', 8],
    ['nothing', age >= 65 ? 18 : 48],
  ] as const);
  if (outcome === 'nothing') return [];
  const at = atHour(workingDay(dayOf(`${inYear}-09-15`) + random.whole(0, 90) * day), surgeryHours, random);
  return [{ kind: 'flu', at, given: outcome === 'given' }];
}

function plannedStay(onDay: LondonTime, { random, born }: SimulatedPerson): HealthEvent {
  const old = yearsBetween(born, onDay) > 55;
  const procedure = old ? random.pick(electiveProcedures) : electiveProcedures[1]!;
  const at = atHour(workingDay(onDay), theatreHours, random);
  const hip = procedure === electiveProcedures[0];
  return {
    kind: 'admission',
    at,
    until: at + (hip ? random.whole(50, 110) : random.whole(5, 10)) * hour,
    emergency: false,
    diagnosis: { term: procedure.diagnosis, icd: procedure.icd, respiratory: false },
    procedure,
    died: false,
  };
}

function lastDays(person: SimulatedPerson, died: LondonTime): HealthEvent[] {
  const inHospital = person.random.chance(0.45);
  const death = { kind: 'death', at: died, inHospital } as const;
  if (!inHospital) return [death];
  const [stay] = emergencyStay(person, died - person.random.whole(1, 12) * day, complaints[0]!, person.random, 0);
  const admission = stay?.kind === 'admission' ? stay : undefined;
  const diagnosis = admission?.diagnosis ?? admissionDiagnoses[0]!;
  return [
    {
      kind: 'admission',
      at: admission?.at ?? died - day,
      until: died,
      emergency: true,
      diagnosis,
      procedure: undefined,
      died: true,
    },
    death,
  ];
}

/** Secondary mental health care: all with a psychosis, one in eight with depression or anxiety. */
function mentalHealthCare(
  { random }: SimulatedPerson,
  known: KnownCondition,
  from: LondonTime,
  end: LondonTime,
): HealthEvent[] {
  const psychosis = known.condition.name === 'schizophrenia' || known.condition.name === 'bipolar';
  if (!psychosis && !random.chance(0.12)) return [];
  const earliest = Math.max(from, known.since);
  if (end - earliest < 120 * day) return [];
  const at = atHour(workingDay(earliest + random.fraction() * (end - earliest - 100 * day)), surgeryHours, random);
  const until = Math.min(end, at + random.whole(60, psychosis ? 700 : 260) * day);
  const contacts: LondonTime[] = [];
  const apart = psychosis ? 28 : 14;
  for (
    let next = at + 7 * day;
    next < until && contacts.length < 16;
    next += random.whole(apart - 6, apart + 10) * day
  ) {
    contacts.push(atHour(workingDay(next), surgeryHours, random));
  }
  const stay = psychosis && random.chance(0.45) ? at + random.whole(3, 40) * day + 14 * hour : undefined;
  const ward =
    stay !== undefined && stay < until - 3 * day
      ? { at: stay, until: Math.min(until, stay + random.whole(8, 50) * day), detained: random.chance(0.5) }
      : undefined;
  return [{ kind: 'mental-health', at, until, known, contacts, ward }];
}
