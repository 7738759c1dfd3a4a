import assert from 'node:assert/strict';
import { parseJsonText } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';
import { readNhsNumber } from '../../../functions/privacy/nhs-number';
import { simulate } from '../../../functions/simulation/simulate';
import { syntheticNhsNumber } from '../../../functions/simulation/simulated-person';

describe('simulate', () => {
  it('is decided by its seed', () => {
    const text = (seed: number) => JSON.stringify([...simulate({ people: 20, seed })]);
    assert.equal(text(7), text(7));
    assert.notEqual(text(7), text(8));
  });

  it('gives every person a valid NHS number of their own, of the 999 range only', () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => syntheticNhsNumber(index));
    assert.equal(new Set(numbers).size, numbers.length);
    for (const number of numbers) {
      assert.ok(number.startsWith('999'));
      assert.equal(readNhsNumber(number).kind, 'valid');
    }
  });

  it('sends nothing that FHIR R4 does not allow', () => {
    const validator = new Validator();
    let resources = 0;
    for (const { body, kind } of simulate({ people: 200, seed: 1 })) {
      for (const text of kind === 'ndjson' ? body.split('\n') : [body]) {
        const errors = validator.validate(parseJsonText(text)).filter(({ severity }) => severity === 'error');
        assert.deepEqual(errors, []);
        resources += 1;
      }
    }
    assert.ok(resources > 300);
  });
});
