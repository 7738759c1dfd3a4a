import type { HealthEvent } from './health-event';
import { atHour, day, hour, isWeekend, type LondonTime, minute, yearsBetween } from './london-time';
import type { Random } from './random';
import { hasCondition, type SimulatedPerson } from './simulated-person';
import { admissionDiagnoses, complaints } from './terms';

// Weights by hour of the day, from midnight: calls when practices are shut, departments from ten in the morning to ten at night.
const callHours = [3, 2, 2, 1, 1, 2, 4, 7, 8, 7, 6, 6, 5, 5, 5, 5, 6, 8, 10, 11, 10, 9, 7, 5];
const weekendCallHours = [4, 3, 2, 2, 1, 2, 4, 8, 12, 13, 13, 12, 11, 10, 9, 9, 9, 10, 10, 10, 9, 8, 6, 5];
const incidentHours = [5, 4, 4, 3, 3, 3, 4, 5, 6, 8, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 7, 7, 6, 6];
const attendanceHours = [3, 2, 2, 1, 1, 1, 2, 3, 6, 9, 11, 11, 10, 10, 9, 9, 9, 10, 10, 9, 8, 7, 5, 4];

type Complaint = (typeof complaints)[number];
type Diagnosis = (typeof admissionDiagnoses)[number];

function complaintOf(person: SimulatedPerson, at: LondonTime, random: Random): Complaint {
  const respiratory = person.conditions.some(({ condition, since }) => condition.respiratory && since <= at);
  return random.weighted(complaints.map((one) => [one, one.respiratory && respiratory ? one.weight * 6 : one.weight]));
}

function diagnosisOf(person: SimulatedPerson, at: LondonTime, complaint: Complaint, random: Random): Diagnosis {
  const age = yearsBetween(person.born, at);
  const possible = admissionDiagnoses.filter(({ icd, respiratory }) => {
    if (icd.code === 'J44.1') return hasCondition(person, 'copd', at);
    if (icd.code === 'J46') return hasCondition(person, 'asthma', at);
    if (icd.code === 'K35.8' || icd.code === 'R10.4') return complaint.term.code === '21522001' || age < 50;
    return age >= 50 || (respiratory && complaint.respiratory);
  });
  const likely = possible.filter(({ respiratory }) => respiratory === complaint.respiratory);
  return random.weighted((likely.length > 0 ? likely : admissionDiagnoses.slice(-1)).map((one) => [one, one.weight]));
}

/** An emergency stay, and with the diagnosis' own chance the next one within 30 days of the discharge. */
export function emergencyStay(
  person: SimulatedPerson,
  at: LondonTime,
  complaint: Complaint,
  random: Random,
  repeats = 2,
): HealthEvent[] {
  const diagnosis = diagnosisOf(person, at, complaint, random);
  const until = at + random.whole(8, 30) * hour + random.times(yearsBetween(person.born, at) > 70 ? 6 : 2.5) * day;
  const stay = { kind: 'admission', at, until, emergency: true, diagnosis, procedure: undefined, died: false } as const;
  if (repeats === 0 || !random.chance(diagnosis.readmission)) return [stay];
  const back = atHour(until + random.whole(2, 27) * day, attendanceHours, random);
  return [stay, ...emergencyStay(person, back, complaint, random, repeats - 1)];
}

/** From the first call for help to home again: 111, 999 or straight to the emergency department, and on from there. */
export function urgentJourney(person: SimulatedPerson, onDay: LondonTime, random: Random): HealthEvent[] {
  const age = yearsBetween(person.born, onDay);
  const complaint = complaintOf(person, onDay, random);
  const start = random.weighted([
    ['call', 42],
    ['incident', age > 70 ? 40 : 14],
    ['attendance', 44],
  ] as const);
  if (start === 'call') {
    const at = atHour(onDay, isWeekend(onDay) ? weekendCallHours : callHours, random);
    const disposition = random.weighted([
      ['ambulance', age > 70 ? 22 : 10],
      ['emergency-department', 12],
      ['practice', 45],
      ['self-care', 25],
    ] as const);
    const call = { kind: 'call', at, complaint, disposition } as const;
    if (disposition === 'ambulance')
      return [call, ...incident(person, at + random.whole(10, 50) * minute, complaint, random)];
    if (disposition !== 'emergency-department') return [call];
    return [call, ...attendance(person, at + random.whole(1, 4) * hour, complaint, 'own-transport', random)];
  }
  if (start === 'incident') return incident(person, atHour(onDay, incidentHours, random), complaint, random);
  return attendance(person, atHour(onDay, attendanceHours, random), complaint, 'own-transport', random);
}

function incident(person: SimulatedPerson, at: LondonTime, complaint: Complaint, random: Random): HealthEvent[] {
  const category = random.weighted([
    [1, 10],
    [2, 60],
    [3, 30],
  ] as const);
  const conveyed = random.chance(category === 3 ? 0.45 : 0.7);
  const event = { kind: 'incident', at, complaint, category, conveyed } as const;
  if (!conveyed) return [event];
  return [event, ...attendance(person, at + random.whole(50, 150) * minute, complaint, 'ambulance', random)];
}

function attendance(
  person: SimulatedPerson,
  at: LondonTime,
  complaint: Complaint,
  arrival: 'ambulance' | 'own-transport',
  random: Random,
): HealthEvent[] {
  const age = yearsBetween(person.born, at);
  const admitted = random.chance((arrival === 'ambulance' ? 0.4 : 0.12) + (age > 70 ? 0.2 : 0));
  const until = at + random.whole(70, 420) * minute;
  const event = { kind: 'attendance', at, until, complaint, arrival, admitted } as const;
  return admitted ? [event, ...emergencyStay(person, until, complaint, random)] : [event];
}
