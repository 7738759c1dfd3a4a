import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  hasVerhoeffCheckDigit,
  isDate,
  isDateTime,
  isItemNumber,
  isLanguage,
  isLoincCode,
  isMimeType,
  isResultWord,
  isSamples,
  isSnomedConcept,
  isSystemVersion,
  isTime,
  type LeafTest,
} from '../../../functions/privacy/leaf-formats';
import { readNhsNumber } from '../../../functions/privacy/nhs-number';
import { isUnit } from '../../../functions/privacy/quantity';
import { codeSystemRules } from '../../../functions/privacy/rules/code-systems';
import { isUcumUnit } from '../../../functions/privacy/ucum';

const table = (name: string, test: LeafTest, yes: readonly string[], no: readonly string[]) =>
  it(`${name}: takes what is one, refuses what could be text`, () => {
    for (const text of yes) assert.equal(test(text), true, text);
    for (const text of no) assert.equal(test(text), false, text);
  });

describe('formats of string leaves', () => {
  table(
    'SNOMED CT',
    isSnomedConcept,
    ['195967001', '13645005', '22298006', '822851000000102', '1156257007'],
    ['195967002', '9434765919', '195967001 ', 'Smith', '', '680946014'],
  );
  table(
    'LOINC',
    isLoincCode,
    ['85354-9', '8480-6', '4548-4', '2339-0', 'LA6576-8'],
    ['8480-7', '8480', '943476591-9', 'LA-Smith', ''],
  );
  table(
    'UCUM',
    isUcumUnit,
    [
      'mm[Hg]',
      'mg/dL',
      '10*9/L',
      '{score}',
      'mL/min/{1.73_m2}',
      '/min',
      'kg/m2',
      'Cel',
      '%',
      '[drp]',
      'umol/L',
      '(mg/kg)/d',
    ],
    ['{Smith}', 'Smith', 'mmHg', '', 'mg Smith', '{mg', 'mg/', '9434765919'],
  );
  table(
    'units people write',
    isUnit,
    ['mmHg', 'tablets', 'beats per minute', 'mg', 'degrees C'],
    ['Smiths', 'tablets for J Smith', ''],
  );
  table(
    'date',
    isDate,
    ['1980', '1980-05', '1980-05-17'],
    ['1980-13', '17/05/1980', '1980-05-17T10:00:00Z', '1980-05-17 Smith'],
  );
  table(
    'dateTime',
    isDateTime,
    ['1980', '2021-03-04T10:11:12Z', '2021-03-04T10:11:12.345+01:00'],
    ['2021-03-04T10:11:12', '2021-03-04T25:11:12Z', '2021-03-04T10:11:12Z Smith'],
  );
  table('time', isTime, ['10:11:12', '10:11:12.5'], ['10:11', '24:00:00', 'ten']);
  table('language', isLanguage, ['en', 'en-GB', 'cy', 'pa'], ['xx-Smith', 'English', 'qzx', '']);
  table(
    'media type',
    isMimeType,
    ['text/plain', 'application/pdf', 'text/plain; charset=UTF-8'],
    ['text/smith', 'smith', 'text/plain; name=smith'],
  );
  table(
    'result word',
    isResultWord,
    ['Positive', 'not detected', '<0.5', '12', '++', '1:80'],
    ['Smith', 'positive for Smith', '9434765919', '943476.5919', ''],
  );
  table('item number', isItemNumber, ['1', '1.2.3'], ['a', '9434765919', '943.476.5919', '1.Smith']);
  table('samples', isSamples, ['1 2 E 3.5', '-2 U L'], ['943 476 5919', '9434765919', '1 Smith', '']);
  table(
    'version',
    isSystemVersion,
    ['2.68', '4.0.1', '20230412', 'http://snomed.info/sct/83821000000107/version/20230412'],
    ['943.476.5919', '9434765919', 'Smith', 'http://snomed.info/sct/83821000000107/version/Smith'],
  );

  it('Verhoeff finds every single wrong digit and every swapped pair of neighbours', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[1-9][0-9]{5,14}$/),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (digits, place, step) => {
          const whole = [...'0123456789'].map((last) => digits + last).find(hasVerhoeffCheckDigit);
          assert.ok(whole);
          const at = place % whole.length;
          const wrong = whole.slice(0, at) + String((Number(whole[at]) + step) % 10) + whole.slice(at + 1);
          assert.equal(hasVerhoeffCheckDigit(wrong), false);
          const pair = place % (whole.length - 1);
          if (whole[pair] === whole[pair + 1]) return;
          assert.equal(
            hasVerhoeffCheckDigit(whole.slice(0, pair) + whole[pair + 1] + whole[pair] + whole.slice(pair + 2)),
            false,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a ten-digit SNOMED CT concept that could be an issued NHS number is refused', () => {
    // Both check digits agree for one number in about 110, so a few thousand candidates hold some.
    const both = Array.from({ length: 5000 }, (_, index) => `4${String(index * 137).padStart(6, '0')}10`)
      .flatMap((nine) => [...'0123456789'].map((last) => nine + last))
      .filter((text) => hasVerhoeffCheckDigit(text) && readNhsNumber(text).kind === 'valid');
    assert.ok(both.length > 5);
    for (const text of both) assert.equal(isSnomedConcept(text), false);
  });

  it('no code system lets a surname or an NHS number pass as a code', () => {
    for (const { system, isCode } of codeSystemRules) {
      for (const text of [
        'Smith',
        'SMITH',
        'Jones',
        'ZZMARKER',
        'O’Neill',
        '9434765919',
        '943 476 5919',
        'J Smith',
        'smith-jones',
      ])
        assert.equal(isCode(text), false, `${system} takes a name or number`);
    }
  });
});
