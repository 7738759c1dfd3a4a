import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decideNhsNumber,
  isVerificationStatus,
  looksLikeNhsNumber,
  mayLinkPerson,
  type NhsNumberPolicy,
  nhsNumberSystem,
  rangeOfNhsNumber,
  readNhsNumber,
  retiredNhsNumberSystem,
} from '../../../functions/privacy/nhs-number';

/** The check digit by another road: the weighted sum of all ten digits, the last with weight one, divides by 11. */
const independentCheck = (digits: string): boolean =>
  [...digits].reduce((sum, digit, index) => sum + Number(digit) * (10 - index), 0) % 11 === 0;

describe('NHS numbers', () => {
  it('read the published example and tell a wrong last digit', () => {
    assert.deepEqual(readNhsNumber('9434765919'), {
      kind: 'valid',
      value: '9434765919',
      range: 'not-issued',
      reformatted: false,
    });
    assert.deepEqual(readNhsNumber('9434765918'), { kind: 'invalid', fault: 'check-digit' });
    assert.equal(readNhsNumber('9876543210').kind === readNhsNumber('9876543219').kind, false);
  });

  it('agree with an independent check on any ten digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{10}$/), (digits) => {
        assert.equal(readNhsNumber(digits).kind === 'valid', independentCheck(digits));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuse prefixes whose remainder asks for a check digit of 10', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{9}$/), (nine) => {
        const valid = [...'0123456789'].filter((last) => readNhsNumber(nine + last).kind === 'valid');
        const sum = [...nine].reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
        assert.equal(valid.length, sum % 11 === 1 ? 0 : 1);
      }),
      { numRuns: 500 },
    );
  });

  it('take the separators forms and word processors put in', () => {
    for (const text of [
      '943 476 5919',
      '943-476-5919',
      ' 9434765919 ',
      '943\u00a0476\u00a05919',
      '943\u2013476\u20135919',
      '943.476.5919',
    ]) {
      assert.deepEqual(
        readNhsNumber(text),
        { kind: 'valid', value: '9434765919', range: 'not-issued', reformatted: true },
        JSON.stringify(text),
      );
    }
  });

  it('name the fault of everything else', () => {
    assert.deepEqual(readNhsNumber('943476591'), { kind: 'invalid', fault: 'length' });
    assert.deepEqual(readNhsNumber('94347659190'), { kind: 'invalid', fault: 'length' });
    assert.deepEqual(readNhsNumber('urn:nhs:9434765919'), { kind: 'invalid', fault: 'characters' });
    assert.deepEqual(readNhsNumber('٩٤٣٤٧٦٥٩١٩'), { kind: 'invalid', fault: 'characters' });
    assert.deepEqual(readNhsNumber(9434765919), { kind: 'invalid', fault: 'not-a-string' });
  });

  it('know the issued blocks', () => {
    for (const [digits, range] of [
      ['4010232137', 'issued'],
      ['6000000000', 'issued'],
      ['3200000000', 'issued'],
      ['0101000000', 'issued'],
      ['3112000000', 'issued'],
      ['3113000000', 'not-issued'],
      ['5900002233', 'not-issued'],
      ['9990000018', 'synthetic'],
      ['9434765919', 'not-issued'],
    ] as const) {
      assert.equal(rangeOfNhsNumber(digits), range, digits);
    }
  });

  it('are recognised where nobody expects them, but a ten-digit SNOMED CT concept is not', () => {
    assert.equal(looksLikeNhsNumber('943 476 5919'), true);
    assert.equal(looksLikeNhsNumber('9990000018'), true);
    assert.equal(looksLikeNhsNumber('1156257007'), false);
  });

  it('follow the policy of the provider', () => {
    const policies: NhsNumberPolicy['onInvalid'][] = ['reject', 'quarantine', 'flag'];
    for (const onInvalid of policies) {
      const decide = (value: unknown, extra: object = {}) =>
        decideNhsNumber({ system: nhsNumberSystem, value, ...extra }, { onInvalid });
      assert.deepEqual(decide('9434765919'), { action: 'accept', findings: [] });
      assert.deepEqual(decide('9434765918'), { action: onInvalid, findings: ['check-digit'] });
      assert.deepEqual(decide('943 476 5919'), { action: 'flag', findings: ['reformatted'] });
      assert.deepEqual(decide('943476591'), { action: onInvalid, findings: ['length'] });
      assert.deepEqual(decide(undefined, { unavailableReason: true }), { action: 'accept', findings: [] });
      assert.deepEqual(decide(undefined), { action: 'flag', findings: ['absent'] });
    }
    assert.deepEqual(
      decideNhsNumber({ system: retiredNhsNumberSystem, value: '9434765919' }, { onInvalid: 'reject' }),
      { action: 'flag', findings: ['retired-system'] },
    );
  });

  it('keep live numbers out of a test lake, and flag test numbers in a live one', () => {
    assert.equal(decideNhsNumber({ value: '4010232137' }, { onInvalid: 'flag', population: 'test' }).action, 'reject');
    assert.equal(decideNhsNumber({ value: '9990000018' }, { onInvalid: 'flag', population: 'test' }).action, 'accept');
    assert.deepEqual(decideNhsNumber({ value: '9990000018' }, { onInvalid: 'flag', population: 'live' }), {
      action: 'flag',
      findings: ['test-number-in-live-lake'],
    });
  });

  it('join a known person only when valid and verified', () => {
    const valid = readNhsNumber('9434765919');
    assert.equal(mayLinkPerson(valid, '01'), true);
    for (const status of ['02', '03', '04', '05', '06', '07', '08', undefined] as const)
      assert.equal(mayLinkPerson(valid, status), false);
    assert.equal(mayLinkPerson(readNhsNumber('9434765918'), '01'), false);
    assert.equal(isVerificationStatus('01'), true);
    assert.equal(isVerificationStatus('toString'), false);
  });
});
