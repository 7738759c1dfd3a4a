import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject, parseJsonText } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';
import { transactionOf } from '../../../functions/ingest/interaction';
import { readNhsNumber } from '../../../functions/privacy/nhs-number';
import { splitResource } from '../../../functions/privacy/split';
import { Tokeniser } from '../../../functions/privacy/tokens';
import { exchangeFaults } from '../../../functions/simulation/exchange-faults';
import { simulatedFaults } from '../../../functions/simulation/fault-messages';
import { identityFaults } from '../../../functions/simulation/identity-faults';
import { resourceFaults } from '../../../functions/simulation/resource-faults';
import { simulate } from '../../../functions/simulation/simulate';
import type { Expected, SimulatedMessage } from '../../../functions/simulation/simulated-message';

describe('The faults of a simulation', () => {
  const faulty: readonly SimulatedMessage[] = [...simulate({ people: 0, seed: 12, faults: true })];
  const byName = new Map(faulty.map((message, index) => [simulatedFaults[index]!.name, message]));
  const validator = new Validator();
  const tokeniser = new Tokeniser([{ version: 1, key: createSecretKey(randomBytes(32)) }]);

  const bundleOf = ({ body }: SimulatedMessage): JsonObject => {
    const value = parseJsonText(body.replace(/^\uFEFF/, ''));
    assert.ok(isJsonObject(value));
    return value;
  };
  const entriesOf = (bundle: JsonObject): JsonObject[] =>
    (bundle.entry as JsonObject[]).map(({ resource }) => resource as JsonObject);
  const isRefused = (value: JsonObject): boolean =>
    validator.validate(value).some(({ severity }) => severity === 'error');

  it('are more than forty kinds, each named once, each with a line in the answer key', () => {
    const names = simulatedFaults.map(({ name }) => name);
    assert.ok(names.length > 40);
    assert.equal(new Set(names).size, names.length);
    assert.equal(faulty.length, names.length);
    for (const [index, { name, expectations = [], kind }] of faulty.entries()) {
      assert.ok(expectations.length > 0);
      for (const { file, fault, expected } of expectations) {
        assert.equal(file, name);
        if (kind !== 'ndjson') assert.equal(fault, names[index]);
        assert.ok((['accepted', 'refused', 'quarantined'] satisfies Expected[] as string[]).includes(expected));
      }
    }
  });

  it('leave the sound messages as they are', () => {
    const sound = [...simulate({ people: 5, seed: 1 })].map(({ body }) => body);
    const mixed = [...simulate({ people: 5, seed: 1, faults: true })].map(({ body }) => body);
    assert.deepEqual(
      sound.filter((body) => !mixed.includes(body)),
      [],
    );
    assert.equal(mixed.length, sound.length + simulatedFaults.length);
  });

  for (const { name } of resourceFaults) {
    it(`${name}: the validator and the split decide as the key says, because of that entry alone`, () => {
      const message = byName.get(name)!;
      const { entry, expected } = message.expectations![0]!;
      const resources = entriesOf(bundleOf(message));
      const others = resources.filter((_, index) => index !== entry);
      assert.deepEqual(others.map(isRefused), [false, false, false]);
      const spoilt = resources[entry!]!;
      if (expected === 'refused') assert.ok(isRefused(spoilt));
      else {
        const split = splitResource(spoilt, {
          provider: message.provider,
          tokeniser,
          id: 'x',
          resolveReference: () => 'Patient/x',
        });
        assert.equal(split.kind, expected === 'quarantined' ? 'quarantine' : 'split');
      }
    });
  }

  it('spoil the text so that no strict reader takes it, for the reason they are named after', () => {
    const reasons: Readonly<Record<string, RegExp>> = {
      'json-malformed': /comma/,
      'json-cut-off': /missing|does not end/,
      'json-with-comment': /missing/,
      'json-name-twice': /twice/,
      'json-proto-name': /__proto__/,
      'json-half-a-character': /surrogate/,
      'json-deeper-than-the-limit': /deeper/,
      'json-number-too-long': /number/,
      'xml-body': /missing/,
    };
    for (const [name, reason] of Object.entries(reasons))
      assert.throws(() => parseJsonText(byName.get(name)!.body), reason, name);
    assert.ok(!isRefused(bundleOf(byName.get('json-with-byte-order-mark')!)));
  });

  it('send entries that cannot be read as writes', () => {
    for (const name of [
      'entry-without-request',
      'entry-deletes',
      'entry-posts-to-an-id',
      'entry-url-of-another-type',
      'condition-by-birth-date',
    ])
      assert.throws(() => transactionOf(bundleOf(byName.get(name)!)), { name: 'Refusal' }, name);
  });

  it('send Bundles that break the rules of Bundle', () => {
    for (const name of [
      'bundle-type-unknown',
      'message-without-header',
      'message-entry-with-request',
      'full-url-twice',
    ])
      assert.ok(isRefused(bundleOf(byName.get(name)!)), name);
  });

  it('spoil NHS numbers in the way they are named after', () => {
    const readings = identityFaults
      .filter(({ name }) => name.startsWith('nhs-number'))
      .map(({ name }) => {
        const patient = entriesOf(bundleOf(byName.get(name)!))[0]!;
        const numbers = (patient.identifier as JsonObject[]).filter(({ system }) =>
          String(system).endsWith('nhs-number'),
        );
        return [name, readNhsNumber(numbers[0]?.value)] as const;
      });
    assert.deepEqual(
      readings.map(([name, reading]) => [name, reading.kind === 'invalid' ? reading.fault : reading.kind]),
      [
        ['nhs-number-check-digit', 'check-digit'],
        ['nhs-number-nine-digits', 'length'],
        ['nhs-number-letters', 'characters'],
        ['nhs-number-spaced', 'valid'],
        ['nhs-number-retired-system', 'valid'],
      ],
    );
  });

  it('mix good lines and bad ones in one file', () => {
    const mixed = exchangeFaults.findLast(({ name }) => name === 'ndjson-with-bad-lines')!;
    const { body, expectations = [] } = byName.get(mixed.name)!;
    const answers = body
      .trimEnd()
      .split('\n')
      .map((line): Expected => {
        try {
          return isRefused(parseJsonText(line) as JsonObject) ? 'refused' : 'accepted';
        } catch {
          return 'refused';
        }
      });
    assert.deepEqual(
      answers,
      expectations.map(({ expected }) => expected),
    );
    assert.ok(answers.includes('accepted') && answers.includes('refused'));
  });
});
