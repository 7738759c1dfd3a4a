import assert from 'node:assert/strict';
import { isLakeError } from '../../../adapters/ports/errors';
import {
  meshFileName,
  type OptOutLists,
  optOutFilter,
  readMeshList,
  writeMeshList,
} from '../../../functions/privacy/opt-out';

const now = new Date('2026-11-20T12:00:00Z');
const yesterday = new Date('2026-11-19T12:00:00Z');
const settings = { longestAgeDays: 7 };
const lists: OptOutLists = {
  notOptedOut: { asOf: yesterday, people: new Set(['anna', 'ben']) },
  typeOneDissents: { asOf: yesterday, people: new Set(['ben']) },
};

describe('opt-outs', () => {
  it('have opposite polarities: on the national list means in, on the Type 1 list means out', () => {
    for (const purpose of ['research', 'planning'] as const) {
      const filter = optOutFilter(purpose, lists, settings, now);
      assert.deepEqual(filter('anna'), { kind: 'include' });
      assert.deepEqual(filter('ben'), { kind: 'exclude', because: 'type-1-opt-out' });
      assert.deepEqual(filter('carl'), { kind: 'exclude', because: 'national-data-opt-out' });
    }
  });

  it('do not stand between a person and their own care, whatever the lists say', () => {
    const filter = optOutFilter(
      'individual-care',
      { notOptedOut: undefined, typeOneDissents: undefined },
      settings,
      now,
    );
    for (const person of ['anna', 'ben', 'carl']) assert.deepEqual(filter(person), { kind: 'include' });
  });

  it('release nothing when a list is missing, too old or from the future', () => {
    const refused = (over: Partial<OptOutLists>) =>
      assert.throws(
        () => optOutFilter('research', { ...lists, ...over }, settings, now),
        (error) => isLakeError(error, 'PreconditionFailed'),
      );
    refused({ notOptedOut: undefined });
    refused({ typeOneDissents: undefined });
    refused({ notOptedOut: { asOf: new Date('2026-11-12T11:59:59Z'), people: new Set(['anna']) } });
    refused({ typeOneDissents: { asOf: new Date('2026-11-12T11:59:59Z'), people: new Set() } });
    refused({ notOptedOut: { asOf: new Date('2026-11-20T12:00:01Z'), people: new Set(['anna']) } });
    refused({ notOptedOut: { asOf: new Date(Number.NaN), people: new Set(['anna']) } });
  });

  it('have no default age and no unknown purpose', () => {
    assert.throws(() => optOutFilter('research', lists, { longestAgeDays: Number.NaN }, now), /no default/);
    assert.throws(() => optOutFilter('research', lists, { longestAgeDays: 0 }, now), /no default/);
    assert.throws(() => optOutFilter('marketing' as 'research', lists, settings, now), /Allowed: individual-care/);
  });
});

describe('opt-out files over MESH', () => {
  const numbers = ['9434765919', '9990000018'];

  it('are one number and a comma a line, with LF only', () => {
    assert.equal(writeMeshList(['943 476 5919', '9990000018']), '9434765919,\n9990000018,\n');
    assert.throws(() => writeMeshList(['9434765918']), /not valid/);
  });

  it('come back with opted-out numbers missing', () => {
    assert.deepEqual(readMeshList('9990000018,\n', new Set(numbers)), new Set(['9990000018']));
    assert.deepEqual(readMeshList('', new Set(numbers)), new Set());
  });

  it('are refused whole for one bad line, without repeating it', () => {
    for (const answer of [
      '9434765919\n',
      '9434765919,\r\n',
      '9434765919,',
      '9434765918,\n',
      '943 476 5919,\n',
      '9434765919,\n\n',
      '9434765919,\n9434765919,\n',
      'x9434765919,\n',
    ]) {
      assert.throws(
        () => readMeshList(answer, new Set(numbers)),
        (error) => isLakeError(error, 'InvalidArgument') && !/[0-9]{6}/.test(error.message),
        JSON.stringify(answer),
      );
    }
    assert.throws(() => readMeshList('9434765919,\n', new Set(['9990000018'])), /not asked about/);
  });

  it('carry the name the service expects', () => {
    assert.equal(meshFileName('X26OT999', new Date('2026-11-05T00:00:00Z'), 7), 'X26OT999-051126-0007.dat');
    assert.throws(() => meshFileName('../x', now, 1), /letters and digits/);
  });
});
