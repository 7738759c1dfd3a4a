import assert from 'node:assert/strict';
import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { liftText } from '../../../functions/privacy/lift-text';
import { nhsNumberSystem, retiredNhsNumberSystem } from '../../../functions/privacy/nhs-number';
import {
  keyVersionOf,
  projectToken,
  pseudonymPrefix,
  pseudonymSystem,
  requestDigestKey,
  Tokeniser,
} from '../../../functions/privacy/tokens';
import { keyOf } from './split-context';

const one = new Tokeniser([{ version: 1, key: keyOf(1) }]);
const two = [
  { version: 2, key: keyOf(2) },
  { version: 1, key: keyOf(1) },
];
const rotating = new Tokeniser(two, { rotating: true });
const rotated = new Tokeniser(two);
const third = new Tokeniser([{ version: 3, key: keyOf(3) }, ...two]);

describe('tokens', () => {
  it('are the version byte and HMAC-SHA-256 of system, unit separator and value, as base64url', () => {
    const mac = createHmac('sha256', Buffer.alloc(32, 1)).update('urn:s\x1fv').digest();
    assert.equal(one.tokenFor('urn:s', 'v'), Buffer.concat([Buffer.of(1), mac]).toString('base64url'));
    assert.equal(keyVersionOf(one.tokenFor('urn:s', 'v')), 1);
  });

  it('are the same for every way to write one NHS number, and for its retired system', () => {
    const token = one.tokenFor(nhsNumberSystem, '9434765919');
    for (const value of ['943 476 5919', '943-476-5919', ' 9434765919'])
      assert.equal(one.tokenFor(nhsNumberSystem, value), token);
    assert.equal(one.tokenFor(retiredNhsNumberSystem, '9434765919'), token);
    assert.notEqual(one.tokenFor('urn:other', '9434765919'), token);
  });

  it('never run two parts together', () => {
    assert.notEqual(one.tokenFor('a', 'bc'), one.tokenFor('ab', 'c'));
    assert.throws(() => one.tokenFor('a\x1fb', 'c'), /control character/);
  });

  it('re-key logical ids per provider and type to valid FHIR ids, without meeting', () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(
        fc.constantFrom('A81001', 'RA7'),
        fc.constantFrom('Patient', 'Observation'),
        fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/),
        (provider, type, id) => {
          const rekeyed = one.rekey(provider, type, id);
          assert.match(rekeyed, /^[A-Za-z0-9.-]{1,64}$/);
          assert.equal(one.rekey(provider, type, id), rekeyed);
          const source = `${provider} ${type} ${id}`;
          assert.equal(seen.get(rekeyed) ?? source, source);
          seen.set(rekeyed, source);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('cannot be hit by an identifier made up to look like a logical id', () => {
    const id = one.rekey('A81001', 'Patient', '1').replaceAll('.', '_');
    assert.notEqual(one.tokenFor('A81001', 'Patient\x1f1'), id);
    assert.notEqual(one.tokenFor('A81001\x1fPatient'.replace('\x1f', ''), '1'), id);
  });

  it('are made with the newest key, found under both while rotating, and under the newest alone after', () => {
    assert.equal(rotating.version, 2);
    const [newest = '', former = '', ...more] = rotating.tokensFor('urn:s', 'v');
    assert.deepEqual(more, []);
    assert.equal(former, one.tokenFor('urn:s', 'v'));
    assert.equal(newest, rotating.tokenFor('urn:s', 'v'));
    assert.deepEqual(rotating.rekeyCandidates('p', 'Patient', '1').map(keyVersionOf), [2, 1]);
    assert.equal(rotating.rekeyCandidates('p', 'Patient', '1')[1], one.rekey('p', 'Patient', '1'));
    assert.deepEqual(rotated.tokensFor('urn:s', 'v'), [newest]);
    assert.deepEqual(rotated.rekeyCandidates('p', 'Patient', '1'), [rotating.rekey('p', 'Patient', '1')]);
  });

  it('of an older key become those of the newest by the key alone, through every version between', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, body) => {
        for (const older of [one, rotated]) {
          assert.equal(third.liftToken(older.tokenFor('urn:s', value)), third.tokenFor('urn:s', value));
          assert.equal(third.liftId(older.rekey('p', 'Patient', value)), third.rekey('p', 'Patient', value));
          assert.equal(third.liftDigest(older.digestsOf('PUT', body)[0]!), third.digestsOf('PUT', body)[0]);
        }
        assert.equal(third.liftToken(third.tokenFor('urn:s', value)), third.tokenFor('urn:s', value));
      }),
    );
    for (const text of ['', 'Patient', 'A'.repeat(44), 'x'.repeat(44), '2026-01-01'])
      for (const lifted of [third.liftId(text), third.liftToken(text)])
        assert.ok(lifted === text || keyVersionOf(text) !== 0);
  });

  it('cannot be tested by who knows an older key only', () => {
    const all = [third.tokenFor('urn:s', 'v'), third.rekey('p', 'Patient', '1'), third.digestsOf('PUT', 'b')[0]!];
    const guesser = new Tokeniser([{ version: 3, key: keyOf(1) }]);
    for (const known of [
      guesser.tokenFor('urn:s', 'v'),
      guesser.rekey('p', 'Patient', '1'),
      guesser.digestsOf('PUT', 'b')[0]!,
    ])
      assert.ok(!all.includes(known));
  });

  it('are lifted in JSON where the lake writes them, and nothing else is', () => {
    const ids = (tokeniser: Tokeniser) => ({
      resourceType: 'Observation',
      id: tokeniser.rekey('p', 'Observation', 'o'),
      identifier: [{ system: pseudonymSystem, value: tokeniser.tokenFor('urn:s', 'v') }],
      subject: { reference: `Patient/${tokeniser.rekey('p', 'Patient', '1')}` },
      performer: [{ reference: `#${tokeniser.rekey('p', 'Practitioner#', '2')}` }],
      instantiatesUri: `${pseudonymPrefix}x:${tokeniser.tokenFor('x', 'y')}`,
      valueString: one.tokenFor('urn:s', 'v').slice(0, 43),
      localId: one.rekey('p', 'Patient', '1'),
    });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const first = { version: 1, key: createSecretKey(bytes) };
        const before = JSON.stringify(ids(new Tokeniser([first])));
        const after = new Tokeniser([{ version: 2, key: keyOf(2) }, first]);
        assert.equal(liftText(before, after), JSON.stringify(ids(after)));
        assert.equal(liftText(JSON.stringify(ids(after)), after), JSON.stringify(ids(after)));
      }),
    );
  });

  it('refuse keys that are short, public, missing or of one version', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.throws(() => new Tokeniser([{ version: 1, key: publicKey }]), /secret key/);
    assert.throws(() => new Tokeniser([{ version: 0, key: keyOf(1) }]), /1 to 255/);
    assert.throws(() => new Tokeniser([{ version: 256, key: keyOf(1) }]), /1 to 255/);
    assert.throws(
      () =>
        new Tokeniser([
          { version: 1, key: keyOf(1) },
          { version: 1, key: keyOf(2) },
        ]),
      /each version once/,
    );
  });

  it('of an enumerated range match nothing without the key', () => {
    const stolen = one.tokenFor(nhsNumberSystem, '9990000018');
    const guess = (key: Buffer) =>
      createHmac('sha256', key).update(`${nhsNumberSystem}\x1f9990000018`).digest('base64url');
    assert.ok(!stolen.includes(guess(Buffer.alloc(32))));
    assert.ok(!stolen.includes(guess(Buffer.alloc(0))));
    // The derived digest key is not the root and gives no token either.
    assert.ok(!stolen.includes(guess(requestDigestKey(keyOf(1)).export())));
    assert.notDeepEqual(requestDigestKey(keyOf(1)).export(), keyOf(1).export());
    assert.notDeepEqual(requestDigestKey(keyOf(1)).export(), requestDigestKey(keyOf(2)).export());
    assert.deepEqual(requestDigestKey(keyOf(1)).export(), requestDigestKey(keyOf(1)).export());
  });

  it('of two projects share nothing, and stay the same within one', () => {
    const people = Array.from({ length: 1000 }, (_, index) => `person-${index}`);
    const a = new Set(people.map((person) => projectToken(keyOf(3), person)));
    const b = people.map((person) => projectToken(keyOf(4), person));
    assert.equal(a.size, 1000);
    assert.equal(b.filter((token) => a.has(token)).length, 0);
    assert.equal(projectToken(keyOf(3), 'person-1'), projectToken(keyOf(3), 'person-1'));
  });
});
