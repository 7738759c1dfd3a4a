import type { Random } from './random';

/**
 * Times are milliseconds of the clock on the wall in Bristol, counted as if it were UTC: whole days and hours of the day
 * are then plain arithmetic. Only when written do they get the offset of their day.
 */
export type LondonTime = number;

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const year = 365.25 * day;

export const dayOf = (text: string): LondonTime => Date.parse(`${text}T00:00:00Z`);

/** YYYY-MM-DD (FHIR date). */
export const dateText = (time: LondonTime): string => new Date(time).toISOString().slice(0, 10);

export const yearOf = (time: LondonTime): number => new Date(time).getUTCFullYear();

const lastSunday = (inYear: number, month: number): LondonTime => {
  const last = Date.UTC(inYear, month + 1, 0);
  return last - new Date(last).getUTCDay() * day;
};

/** British Summer Time: from 01:00 on the last Sunday of March to 02:00 (summer time) on the last Sunday of October. */
export function isSummerTime(time: LondonTime): boolean {
  const inYear = yearOf(time);
  return time >= lastSunday(inYear, 2) + hour && time < lastSunday(inYear, 9) + 2 * hour;
}

/** FHIR dateTime with the offset of the day, as systems set to local time send it. */
export const dateTimeText = (time: LondonTime): string =>
  `${new Date(time).toISOString().slice(0, 19)}${isSummerTime(time) ? '+01:00' : '+00:00'}`;

/** FHIR instant in UTC with milliseconds, as systems set to UTC send it. */
export const utcText = (time: LondonTime): string => new Date(time - (isSummerTime(time) ? hour : 0)).toISOString();

/** Moves a time to an hour of its day drawn by weight (24 weights, from midnight), with minutes and seconds. */
export function atHour(time: LondonTime, weights: readonly number[], random: Random): LondonTime {
  const drawn = random.weighted(weights.map((weight, index) => [index, weight] as const));
  return Math.floor(time / day) * day + drawn * hour + random.whole(0, 3599) * 1000;
}

export const isWeekend = (time: LondonTime): boolean => [0, 6].includes(new Date(time).getUTCDay());

/** The next Monday when the day is a weekend, else the day itself. */
export function workingDay(time: LondonTime): LondonTime {
  const weekday = new Date(time).getUTCDay();
  return weekday === 6 ? time + 2 * day : weekday === 0 ? time + day : time;
}

/** Completed years between two times. */
export const yearsBetween = (from: LondonTime, to: LondonTime): number => Math.floor((to - from) / year);
