import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type NameKind, nameOf } from '../../components/core/naming';

const forms: Readonly<Record<NameKind, RegExp>> = {
  label: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  bucket: /^[a-z][a-z0-9-]{1,61}[a-z0-9]$/,
  accessPoint: /^[a-z][a-z0-9-]{1,48}[a-z0-9]$/,
  bucketPrefix: /^[a-z][a-z0-9-]{1,34}[a-z0-9]$/,
  backup: /^[a-z][a-z0-9-]{0,48}[a-z0-9]$/,
  database: /^[a-z][a-z0-9_]{0,62}$/,
};
const kinds = Object.keys(forms) as NameKind[];
const part = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019-_./ é') }),
  fc.string({ minLength: 1, maxLength: 80 }),
);
const parts = fc.array(part, { minLength: 1, maxLength: 4 }).filter((all) => all.some((one) => /[a-z0-9]/i.test(one)));

describe('nameOf', () => {
  it('gives names that the service takes, whatever the parts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), parts, (kind, all) => {
        assert.match(nameOf(kind, ...all), forms[kind]);
      }),
    );
  });

  it('gives two lists of one length two names', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), parts, parts, (kind, one, other) => {
        fc.pre(one.length === other.length && JSON.stringify(one) !== JSON.stringify(other));
        assert.notEqual(nameOf(kind, ...one), nameOf(kind, ...other));
      }),
    );
  });

  it('keeps short plain parts readable', () => {
    assert.equal(nameOf('label', 'lake', 'identity'), 'lake-identity');
    assert.equal(nameOf('database', 'lake', 'identity'), 'lake_identity');
  });

  it('refuses parts without a letter or digit', () => {
    assert.throws(() => nameOf('bucket', '--', '.'), RangeError);
  });
});
