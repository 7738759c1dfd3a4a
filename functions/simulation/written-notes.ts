import type { Annotation, Narrative } from 'fhir/r4';
import { dateTimeText, type LondonTime } from './london-time';
import { fullName } from './patient-record';
import type { SimulatedPerson } from './simulated-person';

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

/** The part of a record a machine made for people to read; names whom it is about, as most such parts do. */
export function narrative(person: SimulatedPerson, title: string, detail: string): Narrative {
  const lines = [escaped(title), escaped(fullName(person)), escaped(detail)];
  return {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><p><b>${lines[0]}</b></p><p>${lines[1]}</p><p>${lines[2]}</p></div>`,
  };
}

/** What somebody typed: first names, relatives, phone numbers, now and then the NHS number. */
export function typedText(person: SimulatedPerson): string {
  const { random, given, family, title, mobile, nhsNumber } = person;
  return random.pick([
    `${given[0]} feels a little better since last time, sleeping well.`,
    `${title} ${family} came with a relative. Advised to call back if no better in 48 hours.`,
    `Rang ${given[0]} on ${mobile}, no answer, message left.`,
    `Pt ${family.toUpperCase()} ${nhsNumber.slice(0, 3)} ${nhsNumber.slice(3, 6)} ${nhsNumber.slice(6)} discussed at team meeting.`,
    'Observations stable. Plan: review as needed.',
  ]);
}

export const note = (person: SimulatedPerson, at: LondonTime): Annotation => ({
  time: dateTimeText(at),
  text: typedText(person),
});
