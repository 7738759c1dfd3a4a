import assert from 'node:assert/strict';
import fc from 'fast-check';
import { definitionOf } from '../../../functions/fhir/definitions';
import { primitiveRules } from '../../../functions/fhir/primitives';

/** Rules that are tighter than the published pattern, by what the prose of R4 says of the type. */
const tighter: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => isRealDay(text),
  dateTime: (text) => isRealDay(text.slice(0, 10)),
  instant: (text) => isRealDay(text.slice(0, 10)),
  integer: (text) => Math.abs(Number(text)) <= 2147483648,
  positiveInt: (text) => Number(text) <= 2147483647,
  unsignedInt: (text) => Number(text) <= 2147483647,
  string: (text) => hasNoControls(text),
  code: (text) => hasNoControls(text),
  markdown: (text) => text !== '' && hasNoControls(text),
  base64Binary: (text) => /^[^=]*={0,2}$/.test(text.replace(/[ \t\n\v\f\r]/g, '')),
  uri: (text) => text !== '' && hasNoControls(text),
  url: (text) => text !== '' && hasNoControls(text),
  canonical: (text) => text !== '' && hasNoControls(text),
};

/** Tab, line feed and carriage return are the only ones below a space (datatypes.html#string). */
function hasNoControls(text: string): boolean {
  return [...text].every((one) => one >= ' ' || '\t\n\r'.includes(one));
}

/** The calendar of ECMAScript as an independent judge of days. */
function isRealDay(text: string): boolean {
  const [year, month = '01', day = '01'] = text.split('-');
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/** White space in the published patterns is that of XML Schema, not that of ECMAScript. */
const published = (type: string): RegExp => {
  const source = definitionOf(type)!
    .pattern!.replaceAll('\\S', '[^ \\t\\n\\v\\f\\r]')
    .replaceAll('[ \\r\\n\\t[^ \\t\\n\\v\\f\\r]]', '[^\\v\\f]');
  return new RegExp(
    `^(?:${source.replaceAll('\\s', '[ \\t\\n\\v\\f\\r]').replaceAll('[^[ \\t\\n\\v\\f\\r]]', '[^ \\t\\n\\v\\f\\r]')})$`,
    'su',
  );
};

const shapes: Readonly<Record<string, fc.Arbitrary<string>>> = {
  date: fc.stringMatching(/^[0-9]{3,4}(-[0-1][0-9](-[0-3][0-9])?)?$/),
  dateTime: fc.stringMatching(
    /^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,4})?)?(Z|[+-][01][0-9]:[0-6][0-9])?$/,
  ),
  instant: fc.stringMatching(
    /^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][01][0-9]:[0-6][0-9])?$/,
  ),
  time: fc.stringMatching(/^[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,3})?)?$/),
  integer: fc.stringMatching(/^-?[0-9]{1,11}$/),
  positiveInt: fc.stringMatching(/^-?[0-9]{1,11}$/),
  unsignedInt: fc.stringMatching(/^-?[0-9]{1,11}$/),
  decimal: fc.stringMatching(/^-?[0-9]{1,3}(\.[0-9]{0,3})?([eE][+-]?[0-9]{0,2})?$/),
  base64Binary: fc.stringMatching(/^[ab/+= \n]{0,12}$/),
  oid: fc.stringMatching(/^urn:oid:[0-3](\.[0-9]{1,3}){0,3}$/),
  uuid: fc.stringMatching(/^urn:uuid:[0-9a-gA]{8}(-[0-9a-f]{4}){2,3}-[0-9a-f]{12}$/),
};

describe('primitive formats', () => {
  const rules = Object.entries(primitiveRules).filter(([type]) => type !== 'xhtml' && type !== 'boolean');
  for (const [type, { test }] of rules) {
    it(`${type} is the published pattern${type in tighter ? ' and what the prose adds' : ''}`, () => {
      const pattern = published(type);
      const shape =
        shapes[type] ??
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.stringMatching(/^[ a-z\t\n\v\f\u00a0.-]{0,70}$/),
          fc.string({ unit: 'binary-ascii' }),
        );
      fc.assert(
        fc.property(shape, (text) => {
          assert.equal(test(text), pattern.test(text) && (tighter[type]?.(text) ?? true), JSON.stringify(text));
        }),
        { numRuns: 2000 },
      );
    });
  }

  it('knows every day of the calendar from 1890 to 2110 and no other', () => {
    for (let year = 1890; year <= 2110; year += 1) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
          assert.equal(primitiveRules.date!.test(text), isRealDay(text) && month > 0 && day > 0, text);
        }
      }
    }
  });
});
