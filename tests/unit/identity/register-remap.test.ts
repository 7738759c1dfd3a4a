import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { registerRemapStore } from '../../../functions/identity/register-remap';
import { Tokeniser } from '../../../functions/privacy/tokens';
import { anIdentityRecord, IdentityZone } from './identity-zone';

const key = (version: number) => ({ version, key: createSecretKey(Buffer.alloc(32, version)) });

describe('the identity register made over to a newer key', () => {
  it('refuses what was read before, and takes it when it is read again', async () => {
    const zone = await IdentityZone.open();
    try {
      const [before, after] = [new Tokeniser([key(1)]), new Tokeniser([key(2), key(1)])];
      const audit = anIdentityRecord('link', 'job:identity.absorb');
      const absorb = (object: string, tokeniser: Tokeniser, id: string) =>
        zone.register.absorb(
          object,
          {
            erasures: 0,
            rows: [
              {
                ...{ provider: 'A81001', type: 'Patient', id: tokeniser.rekey('A81001', 'Patient', id) },
                ...{ requestId: 'r', record: '{"people":[]}', verifiedNhsNumber: '9990000018' },
              },
            ],
            reports: [],
          },
          audit,
        );
      await absorb('A81001/gp/1.ndjson', before, 'a');
      const { remap } = registerRemapStore.open(zone.database);
      for (let place: readonly string[] | undefined = []; place !== undefined; )
        place = await remap(after, place, audit);
      await assert.rejects(absorb('A81001/gp/2.ndjson', before, 'b'), { code: 'Unavailable' });
      await absorb('A81001/gp/2.ndjson', after, 'b');
      const patients = ['a', 'b'].map((id) => `Patient/${after.rekey('A81001', 'Patient', id)}`);
      assert.deepEqual([...(await zone.register.patientsOf('9990000018'))].sort(), patients.sort());
    } finally {
      await zone.close();
    }
  });
});
