import assert from 'node:assert/strict';
import { isLakeError } from '../../../adapters/ports/errors';
import { readNhsNumber } from '../../../functions/privacy/nhs-number';
import { NhsNumberSource, nhsCheckDigit } from '../../../functions/simulation/nhs-number-source';

describe('NhsNumberSource', () => {
  it('knows the check digit of the published example', () => {
    assert.equal(nhsCheckDigit('943476591'), 9);
    // 9×10 + 9×9 + 9×8 leaves 1 by 11: the digit would be 10, so no such number is issued.
    assert.equal(nhsCheckDigit('999000000'), undefined);
    assert.equal(nhsCheckDigit('987654321'), 0);
  });

  it('gives every valid number of the 999 range once, then refuses', () => {
    const source = new NhsNumberSource('11');
    const given = new Uint8Array(1_000_000);
    let count = 0;
    for (;;) {
      let number: string;
      try {
        number = source.next();
      } catch (error) {
        assert.ok(isLakeError(error, 'InvalidArgument'));
        break;
      }
      const middle = Number(number.slice(3, 9));
      assert.equal(given[middle], 0);
      given[middle] = 1;
      count += 1;
      // Each is checked by the reader the lake itself uses, which shares no code with the source.
      if (count % 50 === 0) {
        const reading = readNhsNumber(number);
        assert.ok(reading.kind === 'valid' && reading.range === 'synthetic');
      }
    }
    let possible = 0;
    for (let middle = 0; middle < 1_000_000; middle += 1)
      if (nhsCheckDigit(`999${String(middle).padStart(6, '0')}`) !== undefined) possible += 1;
    assert.equal(count, possible);
  });

  it('begins elsewhere for another seed', () => {
    assert.notEqual(new NhsNumberSource('1').next(), new NhsNumberSource('2').next());
  });
});
