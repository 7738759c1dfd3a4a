import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dateTimeText, day, dayOf, hour, utcText, workingDay } from '../../../functions/simulation/london-time';

describe('London time', () => {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone: 'Europe/London',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });

  it('agrees with the time zone database about every moment a clock in London shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: dayOf('2000-01-01') / 1000, max: dayOf('2035-01-01') / 1000 }), (seconds) => {
        const text = dateTimeText(seconds * 1000);
        const shown = clock.format(new Date(text)).replace(', ', 'T');
        // The hour that spring skips is shown on no clock; nothing there can agree.
        const skipped = clock.format(new Date(`${text.slice(0, 19)}+00:00`)).replace(', ', 'T') !== text.slice(0, 19);
        if (text.endsWith('+01:00') && skipped && shown !== text.slice(0, 19)) assert.match(text, /-03-\d\dT01:/);
        else assert.equal(shown, text.slice(0, 19));
        assert.equal(new Date(text).getTime(), new Date(utcText(seconds * 1000)).getTime());
      }),
      { numRuns: 2000 },
    );
  });

  it('changes to summer and back on the last Sundays', () => {
    assert.equal(dateTimeText(dayOf('2026-03-29') - 1000), '2026-03-28T23:59:59+00:00');
    assert.equal(dateTimeText(dayOf('2026-03-29') + 2 * hour), '2026-03-29T02:00:00+01:00');
    assert.equal(dateTimeText(dayOf('2026-10-25') + hour), '2026-10-25T01:00:00+01:00');
    assert.equal(dateTimeText(dayOf('2026-10-25') + 2 * hour), '2026-10-25T02:00:00+00:00');
  });

  it('moves weekends to Monday and leaves other days', () => {
    for (let index = 0; index < 14; index += 1) {
      const moved = workingDay(dayOf('2024-02-26') + index * day);
      assert.ok(![0, 6].includes(new Date(moved).getUTCDay()));
    }
    assert.equal(workingDay(dayOf('2024-03-02')), dayOf('2024-03-04'));
  });
});
