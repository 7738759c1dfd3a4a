import assert from 'node:assert/strict';
import { parseJsonText } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';
import { readNhsNumber } from '../../../functions/privacy/nhs-number';
import { simulate } from '../../../functions/simulation/simulate';

describe('simulate', () => {
  it('is decided by its seed', () => {
    const text = (seed: number) => JSON.stringify([...simulate({ people: 20, seed })]);
    assert.equal(text(7), text(7));
    assert.notEqual(text(7), text(8));
  });

  it('gives people valid NHS numbers of the 999 range only', () => {
    const numbers = new Set<string>();
    for (const { body } of simulate({ people: 100, seed: 3 })) {
      for (const [, value] of body.matchAll(/"system":"https:\/\/fhir\.nhs\.uk\/Id\/nhs-number","value":"([^"]*)"/g))
        numbers.add(value!);
    }
    assert.ok(numbers.size > 80);
    for (const number of numbers) {
      assert.ok(number.startsWith('999'));
      assert.equal(readNhsNumber(number).kind, 'valid');
    }
  });

  it('sends nothing that FHIR R4 does not allow', () => {
    const validator = new Validator();
    let resources = 0;
    for (const { body, kind } of simulate({ people: 60, seed: 1 })) {
      for (const text of kind === 'ndjson' ? body.split('\n').filter((line) => line !== '') : [body]) {
        assert.deepEqual(
          validator.validate(parseJsonText(text)).filter(({ severity }) => severity === 'error'),
          [],
        );
        resources += 1;
      }
    }
    assert.ok(resources > 300);
  });
});
