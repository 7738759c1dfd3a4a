import assert from 'node:assert/strict';
import type { PatientLifespan } from '../../../functions/identity/identity-register';
import { type RetentionClass, retentionClasses } from '../../../functions/privacy/rules/retention-codes';
import { daysOf, type JudgedRecord, judgeRecords } from '../../../functions/retention/judge-records';
import { codeOfPractice, endOfRecord, readSchedule } from '../../../functions/retention/retention-schedule';
import type { LegalHold, PatientRecord } from '../../../functions/retention/retention-store';
import { repeatableRandom } from '../../support/repeatable-random';

const day = 86_400_000;
const dayBefore = (text: string): Date => new Date(Date.parse(text) - day);

/** The Code of Practice by example: class, facts, and the day on which the record may go. */
const cases: readonly (readonly [RetentionClass[], string, string | undefined, string | true | undefined, string])[] = [
  [['adult'], '2020-03-10', '1960-01-01', undefined, '2028-03-10'],
  [['adult'], '2020-02-29', '1960-01-01', undefined, '2028-02-29'],
  [['adult'], '2021-03-10', '1960-01-01', '2021-05-01', '2029-03-10'],
  [['child'], '2020-03-10', '2012-05-01', undefined, '2037-05-01'],
  // Seventeen at the last contact: the 26th birthday; the day before that birthday and on the eighteenth.
  [['child'], '2029-05-01', '2012-05-01', undefined, '2038-05-01'],
  [['child'], '2029-04-30', '2012-05-01', undefined, '2037-05-01'],
  [['child'], '2030-04-30', '2012-05-01', undefined, '2038-05-01'],
  // Seen again as an adult: eight years from then, or the 25th birthday if that is later.
  [['child'], '2030-05-01', '2012-05-01', undefined, '2038-05-01'],
  [['child'], '2040-01-01', '2012-05-01', undefined, '2048-01-01'],
  // Parts of dates are the last day they can mean; no date at all is a new-born.
  [['child'], '2020-03-10', '2012-05', undefined, '2037-05-31'],
  [['child'], '2020-03-10', '2012', undefined, '2037-12-31'],
  [['child'], '2029-06-01', '2012', undefined, '2038-12-31'],
  [['child'], '2020-03-10', undefined, undefined, '2046-03-10'],
  [['mental-health'], '2020-03-10', '1960-01-01', undefined, '2040-03-10'],
  [['mental-health'], '2020-03-10', '1960-01-01', '2021-07-02', '2031-07-02'],
  [['mental-health'], '2020-03-10', '1960-01-01', true, '2030-03-10'],
  [['maternity'], '2020-03-10', '1990-01-01', undefined, '2045-03-10'],
  [['gp'], '2020-03-10', '1960-01-01', '2021-07', '2031-07-31'],
  // The class that is kept longest keeps the record; what says nothing goes along.
  [['general', 'adult', 'maternity'], '2020-03-10', '1990-01-01', undefined, '2045-03-10'],
  [['general', 'child'], '2020-03-10', '2012-05-01', undefined, '2037-05-01'],
];
const undecided: typeof cases = [
  [['general'], '1950-01-01', '1900-01-01', '1950-01-01', ''],
  [['gp'], '1950-01-01', '1900-01-01', undefined, ''],
  [['adult', 'gp'], '1950-01-01', '1900-01-01', undefined, ''],
];

async function judge(
  records: readonly PatientRecord[],
  known: ReadonlyMap<string, PatientLifespan>,
  now: Date,
  { holds = [], people = [] }: { holds?: readonly Pick<LegalHold, 'kind' | 'subject'>[]; people?: string[][] } = {},
): Promise<readonly JudgedRecord[]> {
  const services = {
    holds,
    lifespansOf: async () => known,
    samePerson: async (patient: string) => people.find((one) => one.includes(patient)) ?? [],
  };
  return judgeRecords(services, records, codeOfPractice, now);
}

const recordOf = (
  patient: string,
  classes: readonly RetentionClass[],
  contact: string,
  provider = 'A81001',
): PatientRecord => ({
  patient,
  provider,
  classes,
  contact: `${contact}T00:00:00.000Z`,
  versions: 1,
});

describe('The retention schedule', () => {
  for (const [classes, contact, birthDate, deceased, end] of cases) {
    it(`${classes.join(', ')}, last contact ${contact}, born ${birthDate}, died ${deceased}: kept until ${end}, not a day less`, async () => {
      const known = new Map([['p', { birthDate, deceased }]]);
      const at = async (now: Date) => (await judge([recordOf('p', classes, contact)], known, now))[0]!.verdict;
      assert.equal(await at(dayBefore(end)), 'kept');
      assert.equal(await at(new Date(end)), 'due');
    });
  }

  for (const [classes, contact, birthDate, deceased] of undecided) {
    it(`${classes.join(', ')} ends by nobody's clock but the site's`, async () => {
      const known = new Map([['p', { birthDate, deceased }]]);
      const [judged] = await judge([recordOf('p', classes, contact)], known, new Date('2200-01-01'));
      assert.deepEqual([judged?.verdict, judged?.end], ['kept', undefined]);
    });
  }

  it('never lets anything go early, whatever the facts and however they change, nor under a hold', async () => {
    const random = repeatableRandom(311);
    const pick = <One>(from: readonly One[]): One => from[Math.floor(random() * from.length)]!;
    const date = (from: number, to: number): string =>
      new Date(
        Date.UTC(from + Math.floor(random() * (to - from)), Math.floor(random() * 12), 1 + Math.floor(random() * 28)),
      )
        .toISOString()
        .slice(0, 10);
    /** The least that the Code of Practice asks of each class, counted in whole years another way. */
    const years = (from: string, to: Date): number => {
      const end = to.toISOString().slice(0, 10);
      return Number(end.slice(0, 4)) - Number(from.slice(0, 4)) - (end.slice(5) < from.slice(5) ? 1 : 0);
    };
    let gone = 0;
    for (let round = 0; round < 3000; round += 1) {
      const classes = retentionClasses.filter(() => random() < 0.4);
      const birthDate = date(1930, 2020);
      const contact = date(Math.max(1990, Number(birthDate.slice(0, 4)) + 1), 2026);
      const deceased = random() < 0.3 ? contact : undefined;
      const known = new Map([['p', { birthDate, deceased }]]);
      const now = new Date(`${date(2026, 2070)}T00:00:00Z`);
      const holds =
        random() < 0.2
          ? [
              pick([
                { kind: 'patient', subject: 'p' },
                { kind: 'provider', subject: 'A81001' },
                { kind: 'patient', subject: 'q' },
              ] as const),
            ]
          : [];
      const [judged] = await judge([recordOf('p', classes, contact)], known, now, { holds, people: [['p', 'q']] });
      if (judged?.verdict !== 'due') continue;
      gone += 1;
      assert.deepEqual(holds, []);
      const since = years(contact, now);
      if (classes.includes('adult')) assert.ok(since >= 8);
      if (classes.includes('maternity')) assert.ok(since >= 25);
      if (classes.includes('child')) {
        const age = years(birthDate, new Date(contact));
        assert.ok(years(birthDate, now) >= (age === 17 ? 26 : 25));
        if (age >= 18) assert.ok(since >= 8);
      }
      if (classes.includes('mental-health')) assert.ok(since >= (deceased === undefined ? 20 : 10));
      if (classes.includes('gp')) assert.ok(deceased !== undefined && since >= 10);
      assert.ok(classes.some((name) => name !== 'general'));
    }
    assert.ok(gone > 200, `only ${gone} were due`);
  });

  it('a hold on a provider is on its records alone, one on a person on every record of theirs', async () => {
    const records = [
      recordOf('a', ['adult'], '2000-01-01'),
      recordOf('b', ['adult'], '2000-01-01', 'RX901'),
      recordOf('c', ['adult'], '2000-01-01'),
      recordOf('d', ['adult'], '2000-01-01'),
    ];
    const verdicts = async (holds: readonly Pick<LegalHold, 'kind' | 'subject'>[]) =>
      (await judge(records, new Map(), new Date('2026-01-01'), { holds, people: [['a', 'b']] })).map(
        ({ verdict }) => verdict,
      );
    assert.deepEqual(await verdicts([]), ['due', 'due', 'due', 'due']);
    assert.deepEqual(await verdicts([{ kind: 'provider', subject: 'RX901' }]), ['due', 'held', 'due', 'due']);
    assert.deepEqual(await verdicts([{ kind: 'patient', subject: 'b' }]), ['held', 'held', 'due', 'due']);
  });

  it("is the site's to change, and refused whole when a part is not understood", () => {
    const changed = readSchedule('{"classes": {"general": {"contact": 10}}, "quarantineDays": 90}');
    assert.deepEqual(
      [changed.classes.general, changed.classes.adult, changed.quarantineDays, changed.importDays],
      [{ contact: 10 }, { contact: 8 }, 90, 30],
    );
    const span = { contact: new Date('2020-01-01'), birth: undefined, death: undefined };
    assert.deepEqual(endOfRecord(changed, ['general', 'adult'], span), new Date('2030-01-01'));
    for (const text of [
      '',
      '[]',
      'null',
      '{"classes": {"adults": {"contact": 8}}}',
      '{"classes": {"adult": {"contact": 0}}}',
      '{"classes": {"adult": {"contact": "8"}}}',
      '{"classes": {"adult": {"years": 8}}}',
      '{"classes": {"adult": null}}',
      '{"classes": {"child": {"birthday": [25]}}}',
      '{"quarantineDays": -1}',
      '{"keep": true}',
    ])
      assert.throws(() => readSchedule(text), { code: 'InvalidArgument' }, text);
  });

  it('knows the days that a date known in part can mean', () => {
    const text = (given: unknown) =>
      daysOf(given)
        ?.map((one) => one.toISOString().slice(0, 10))
        .join(' ');
    assert.deepEqual(
      [text('2024-02'), text('2023'), text('2020-01-05T10:00:00Z'), text('soon'), text(undefined), text(7)],
      ['2024-02-01 2024-02-29', '2023-01-01 2023-12-31', '2020-01-05 2020-01-05', undefined, undefined, undefined],
    );
  });
});
