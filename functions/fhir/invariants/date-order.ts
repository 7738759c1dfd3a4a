/** A FHIR date or dateTime as the first and last millisecond it may mean; undefined when it is none. */
function span(text: unknown): readonly [first: number, last: number] | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, time] = parts;
  if (time !== undefined) {
    // A leap second (:60) is legal in FHIR and not in ECMAScript: it counts as the second before.
    const at = Date.parse(text.replace(/(T\d{2}:\d{2}:)60/, '$159'));
    return Number.isNaN(at) ? undefined : [at, at];
  }
  const first = Date.UTC(
    Number(year),
    month === undefined ? 0 : Number(month) - 1,
    day === undefined ? 1 : Number(day),
  );
  const next =
    month === undefined
      ? Date.UTC(Number(year) + 1, 0, 1)
      : day === undefined
        ? Date.UTC(Number(year), Number(month), 1)
        : first + 86_400_000;
  return [first, next - 1];
}

/** The widest offsets a date without a zone may stand for (R4 allows zones from -12:00 to +14:00). */
const zoneSlack = 14 * 3_600_000;

/**
 * May `low` be at or before `high`? True also where partial dates leave it open: `2024` to `2024-03` is no fault that a
 * validator could prove.
 */
export function mayBeOrdered(low: unknown, high: unknown): boolean {
  const from = span(low);
  const to = span(high);
  if (from === undefined || to === undefined) return true;
  const exact = String(low).includes('T') === String(high).includes('T');
  return from[0] <= to[1] + (exact ? 0 : zoneSlack);
}
