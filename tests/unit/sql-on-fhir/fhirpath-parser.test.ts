import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isLakeError } from '../../../adapters/ports/errors';
import { parseFhirPath } from '../../../functions/sql-on-fhir/fhirpath/parser';
import type { Syntax } from '../../../functions/sql-on-fhir/fhirpath/syntax';

/** The tree as fully bracketed text. */
function show(tree: Syntax): string {
  const on = (of: Syntax | undefined): string => (of === undefined ? '' : `${show(of)}.`);
  switch (tree.kind) {
    case 'literal':
      return `${tree.type}:${tree.text}`;
    case 'empty':
      return '{}';
    case 'this':
      return '$this';
    case 'constant':
      return `%${tree.name}`;
    case 'member':
      return `${on(tree.of)}${tree.name}`;
    case 'call':
      return `${on(tree.of)}${tree.name}(${tree.parameters.map(show).join(',')})`;
    case 'index':
      return `${show(tree.of)}[${show(tree.position)}]`;
    case 'negative':
      return `-${show(tree.of)}`;
    case 'binary':
      return `(${show(tree.left)} ${tree.operator} ${show(tree.right)})`;
  }
}

const parsed = (text: string): string => show(parseFhirPath(text, 'here'));

describe('FHIRPath parser', () => {
  const cases: [string, string][] = [
    ['a.b.c', 'a.b.c'],
    ['a.b[0].c', 'a.b[integer:0].c'],
    ['1 + 2 * 3 - 4', '((integer:1 + (integer:2 * integer:3)) - integer:4)'],
    ['a = 1 and b != 2 or c < 3', '(((a = integer:1) and (b != integer:2)) or (c < integer:3))'],
    ['a or b and c', '(a or (b and c))'],
    ['(a or b) and c', '((a or b) and c)'],
    ['a < b = c >= d', '((a < b) = (c >= d))'],
    ['-a.b + +1.50', '(-a.b + decimal:1.50)'],
    ["a.where(b = 'x').exists(c, d)", 'a.where((b = string:x)).exists(c,d)'],
    ["'it\\'s \\u0041\\n\\\\'", "string:it's A\n\\"],
    ['%`quoted name`', '%quoted name'],
    ['`and`.`where`', 'and.where'],
    ['$this.a', '$this.a'],
    ['true and false', '(boolean:true and boolean:false)'],
    ['@2020-01-01', 'date:2020-01-01'],
    ['@2020T', 'dateTime:2020'],
    ['@2020-01-01T10:00:00+01:00', 'dateTime:2020-01-01T10:00:00+01:00'],
    ['@T10:00:00', 'time:10:00:00'],
    ['{}', '{}'],
    ['a /* note */ . b // end', 'a.b'],
  ];
  for (const [text, expected] of cases) it(text, () => assert.equal(parsed(text), expected));

  it('names the place of a fault', () => {
    for (const [text, at] of [
      ['', 1],
      ['a.', 3],
      ['a b', 3],
      ["'open", 1],
      ['a[0', 4],
      ['f(,)', 3],
      ['a..b', 3],
      ['a &b', 3],
      ['@@', 1],
    ] as const) {
      assert.throws(() => parseFhirPath(text, 'here'), { message: new RegExp(`^here, character ${at}: `) }, text);
    }
  });

  it('ends with a tree or a fault for any text', () => {
    const parts = [
      'a',
      '.',
      '(',
      ')',
      '[',
      ']',
      "'",
      "'x'",
      '1',
      '+',
      '-',
      'and',
      ' ',
      '%',
      '@',
      '$this',
      '\\',
      '`',
      ',',
      '{',
      '}',
      '/*',
    ];
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((items) => items.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseFhirPath(text, 'here');
        } catch (error) {
          assert.ok(isLakeError(error, 'InvalidArgument'), String(error));
        }
      }),
      { numRuns: 2000 },
    );
    for (const hostile of ['-'.repeat(9_999), '('.repeat(9_999), `${'a.'.repeat(4_999)}b`, `a${'[0'.repeat(3_000)}`]) {
      try {
        parseFhirPath(hostile, 'here');
      } catch (error) {
        assert.ok(isLakeError(error, 'InvalidArgument'), String(error));
      }
    }
  });
});
