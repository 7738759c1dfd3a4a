import assert from 'node:assert/strict';
import { absorb } from '../../../functions/identity/absorb';
import { anIdentityRecord, IdentityZone } from './identity-zone';

const landed = { provider: 'A81001', requestIds: ['r1', 'r2'], refused: [] };
const erased = { type: 'Patient', id: 'erased', number: '9990000018' };
const other = { type: 'Patient', id: 'other', number: '9990000026' };
const lineOf = ({ type, id, number }: typeof erased, requestId: string): string =>
  JSON.stringify({ kind: 'record', requestId, entry: 0, type, id, record: { people: [], number } });

describe('an event of a landed object and an erasure at once', () => {
  let zone: IdentityZone;
  beforeEach(async () => {
    zone = await IdentityZone.open();
  });
  afterEach(() => zone.close());

  /** The zone's half of an erasure: it blanks objects, then comes to the register. */
  const anErasure = (lines: string[]) => async () => {
    lines[0] = '';
    const audit = anIdentityRecord('erase', 'job:erasure.identity');
    await zone.register.erase([{ provider: landed.provider, ...erased }], [erased.id], audit);
  };
  const absorbing = (lines: readonly string[], afterReading = async () => {}, key = '1.ndjson') =>
    absorb(
      {
        store: {
          read: async () => {
            const bytes = Buffer.from(lines.join('\n'));
            await afterReading();
            return bytes;
          },
        },
        open: async (sealed) => sealed,
        register: zone.register,
        verifiedNhsNumberOf: (record) => (record as { readonly number: string }).number,
      },
      { ...landed, key: `A81001/gp/2026/01/01/${key}` },
    );
  const patients = async (): Promise<readonly string[]> =>
    (await Promise.all([erased, other].map(({ number }) => zone.register.patientsOf(number)))).flat();
  const records = (): Promise<readonly { readonly id: string }[]> =>
    zone.database.snapshot((tx) => tx.query<{ id: string }>('SELECT id FROM identity_record'));

  it('brings nobody back who was read just before it, and loses nobody else of the object', async () => {
    const lines = [lineOf(erased, 'r1'), lineOf(other, 'r2')];
    await assert.rejects(absorbing(lines, anErasure(lines)), { code: 'Unavailable' });
    assert.deepEqual(await records(), []);
    assert.equal(await absorbing(lines), 1);
    assert.deepEqual(await patients(), ['Patient/other']);
    assert.deepEqual(await records(), [{ id: 'other' }]);
  });

  it('is taken in where the erasure came before the reading, or after the register', async () => {
    const lines = [lineOf(erased, 'r1'), lineOf(other, 'r2')];
    await absorbing(lines);
    await anErasure(lines)();
    assert.deepEqual(await patients(), ['Patient/other']);
    // What a person sends after an erasure is new.
    await absorbing([lineOf(erased, 'r1')], undefined, '2.ndjson');
    assert.deepEqual(await patients(), ['Patient/erased', 'Patient/other']);
  });
});
