import { LakeError } from '../../adapters/ports/errors';
import { acuteHospitalMessages } from './acute-hospital';
import { ambulanceMessages } from './ambulance';
import { faultMessages } from './fault-messages';
import { generalPracticeMessages } from './general-practice';
import { healthHistory } from './health-history';
import { dayOf, type LondonTime } from './london-time';
import { mentalHealthOutput } from './mental-health';
import { urgentCallMessages } from './nhs-111';
import { NhsNumberSource } from './nhs-number-source';
import { mentalHealthTrust } from './providers';
import { Random } from './random';
import { SendingOrder } from './sending-order';
import type { MessageDraft, SimulatedMessage } from './simulated-message';
import { type Period, simulatedPerson } from './simulated-person';

export interface SimulationOptions {
  /** 0 to 800,000. */
  readonly people: number;
  /** The same seed gives the same messages, letter for letter; 7 and '7' are the same seed. */
  readonly seed: string | number;
  /** First and last day of the histories (YYYY-MM-DD). */
  readonly start?: string;
  readonly end?: string;
  /** Adds messages with faults, each with what to expect of it. */
  readonly faults?: boolean;
}

const maxPeople = 800_000;
const defaultStart = '2019-04-01';
const defaultEnd = '2026-10-31';
const linesPerFile = 400;

function periodOf({ people, start = defaultStart, end = defaultEnd }: SimulationOptions): Period {
  if (!Number.isInteger(people) || people < 0 || people > maxPeople)
    throw new LakeError('InvalidArgument', `The number of people is a whole number from 0 to ${maxPeople}.`);
  const period = { start: dayOf(start), end: dayOf(end) };
  const days = /^\d{4}-\d{2}-\d{2}$/;
  if (!days.test(start) || !days.test(end) || !(period.start < period.end))
    throw new LakeError('InvalidArgument', 'Start and end are days (YYYY-MM-DD), the start before the end.');
  return period;
}

/**
 * A population of Bristol, North Somerset and South Gloucestershire that does not exist, as the messages its providers would
 * send: pure, in the order of sending, one person in memory at a time.
 * Error: `InvalidArgument` when an option is out of range.
 */
export function simulate(options: SimulationOptions): Iterable<SimulatedMessage> {
  const period = periodOf(options);
  return { [Symbol.iterator]: () => messages(options, period) };
}

function* messages(options: SimulationOptions, period: Period): Generator<SimulatedMessage> {
  const { people, faults = false } = options;
  const seed = String(options.seed);
  const numbers = new NhsNumberSource(seed);
  const order = new SendingOrder(new Random(seed, 'sending-order'));
  let lines: string[] = [];
  for (let index = 0; index < people; index += 1) {
    const person = simulatedPerson(seed, index, period, numbers);
    const history = healthHistory(person, period);
    const trust = mentalHealthOutput(person, history);
    const drafts = [
      ...generalPracticeMessages(person, history),
      ...acuteHospitalMessages(person, history),
      ...urgentCallMessages(person, history),
      ...ambulanceMessages(person, history),
      ...trust.drafts,
    ];
    for (const draft of drafts.sort((left, right) => left.at - right.at)) yield* order.take(draft);
    lines.push(...trust.lines);
    if (lines.length >= linesPerFile) {
      yield* order.take(nightlyFile(lines, period.end));
      lines = [];
    }
  }
  if (lines.length > 0) yield* order.take(nightlyFile(lines, period.end));
  if (faults) {
    let index = people;
    const nextPerson = () => simulatedPerson(seed, index++, period, numbers);
    for (const draft of faultMessages(nextPerson, period.end)) yield* order.take(draft);
  }
  yield* order.finish();
}

const nightlyFile = (lines: readonly string[], at: LondonTime): MessageDraft => ({
  provider: mentalHealthTrust,
  kind: 'ndjson',
  what: 'contacts',
  at,
  body: `${lines.join('\n')}\n`,
  resources: lines.length,
});
