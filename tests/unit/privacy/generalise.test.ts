import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ageBand, generaliseDate, outwardPostcode } from '../../../functions/privacy/generalise';

describe('generalisation', () => {
  it('cuts dates to the first of month, quarter or year and never makes one finer', () => {
    assert.equal(generaliseDate('1980-05-17', 'month'), '1980-05-01');
    assert.equal(generaliseDate('1980-05-17', 'quarter'), '1980-04-01');
    assert.equal(generaliseDate('1980-12-31', 'quarter'), '1980-10-01');
    assert.equal(generaliseDate('1980-05-17', 'year'), '1980-01-01');
    assert.equal(generaliseDate('1980-05-17', 'day'), '1980-05-17');
    assert.equal(generaliseDate('1980-05', 'month'), '1980-05');
    assert.equal(generaliseDate('1980', 'month'), '1980');
    assert.equal(generaliseDate('2021-03-04T10:11:12Z', 'month'), '2021-03-01');
    assert.equal(generaliseDate('May 1980', 'month'), undefined);
  });

  it('maps all days of a month to one value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1900, max: 2030 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 28 }),
        (year, month, day) => {
          const prefix = `${year}-${String(month).padStart(2, '0')}`;
          assert.equal(generaliseDate(`${prefix}-${String(day).padStart(2, '0')}`, 'month'), `${prefix}-01`);
        },
      ),
    );
  });

  it('keeps the outward part of UK postcodes in all their forms, and of nothing else', () => {
    for (const [text, outward] of [
      ['BS1 4ND', 'BS1'],
      ['bs14nd', 'BS1'],
      ['BS49 4AB', 'BS49'],
      ['SW1A 1AA', 'SW1A'],
      ['M1 1AE', 'M1'],
      ['ZZ99 3VZ', 'ZZ99'],
      ['BS1', 'BS1'],
    ]) {
      assert.equal(outwardPostcode(text!), outward, text);
    }
    for (const text of ['02138', '1 Test Street', 'BS1 4N', '', 'SMITH', 'BS1 4ND Smith', '9434765919'])
      assert.equal(outwardPostcode(text), undefined, text);
  });

  it('groups ages, and all of 90 and over together', () => {
    assert.equal(ageBand('1980-05-17', '2026-05-16'), '45-49');
    assert.equal(ageBand('1980-05-17', '2030-05-17'), '50-54');
    assert.equal(ageBand('1930-01-01', '2026-01-01'), '90+');
    assert.equal(ageBand('1936-01-02', '2026-01-01'), '85-89');
    assert.equal(ageBand('2030-01-01', '2026-01-01'), undefined);
    assert.equal(ageBand('1980-05-17', '2026-05-16', 1), '45');
    assert.throws(() => ageBand('1980-05-17', '2026-05-16', 0), /whole number of years/);
  });
});
