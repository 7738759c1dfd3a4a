import assert from 'node:assert/strict';
import { type BoundKinds, refuseIncapable } from '../../components/core/capabilities';
import { awsBindingOf } from '../../components/function/aws-binding';
import { bindingOf } from '../../components/function/binding';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import { defineManifest, http, key, objectStore, onSchedule, state, type Zone } from '../../functions/manifest';

const site: BoundKinds = {
  objectStore: (zone: Zone) => ({ kind: 's3', objectLock: zone === 'audit' }),
  key: 'openbao',
  state: 'postgres',
};
const reading = (zone: Zone) =>
  defineManifest({
    name: 'historian',
    trigger: onSchedule('0 * * * *'),
    uses: { past: objectStore(zone, ['read', 'versions']) },
  });

describe('A function that needs what its stack has not', () => {
  it('is refused when the stack is planned, by its name, its port and what is lacking', () => {
    assert.throws(
      () => refuseIncapable(reading('landing'), site),
      /^RangeError: historian: its port past needs versions, which s3 has not here/,
    );
    refuseIncapable(reading('audit'), site);
    const holds = defineManifest({
      name: 'keeper',
      trigger: http('/'),
      uses: { kept: objectStore('identity', ['hold']) },
    });
    assert.throws(() => refuseIncapable(holds, site), /keeper: its port kept needs holds/);
    const uses = { ledger: state(ledgerStore, ['due']), signing: key('audit', ['sign']) };
    const signs = defineManifest({ name: 'sealer', trigger: http('/'), uses });
    refuseIncapable(signs, site);
    assert.throws(() => refuseIncapable(signs, { ...site, state: 'sqlite' }), /sealer: its port ledger needs roles/);
  });

  it('is refused by the component of each target before anything is bound', () => {
    const unbound = {} as never;
    assert.throws(() => awsBindingOf(unbound, reading('landing'), unbound), /needs versions/);
    assert.throws(() => bindingOf(reading('landing'), { objectStore: {} } as never), /needs versions/);
  });
});
