import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { auditStore } from '../../functions/audit/audit-log';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { sealedRecords } from '../support/audit-reader';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { homeServers, type ServerHome, serverHome } from './server-home';

const kills = 6;

const record: AuditRecord = {
  recorded: new Date().toISOString(),
  event: 'query',
  action: 'lake status',
  agent: { kind: 'operator', id: 'test' },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HOPERAT',
};

describeOver('The audit of the identity zone off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  let home: ServerHome;
  let lake: KnativeLake;
  before(async () => {
    home = await serverHome(servers);
    lake = await KnativeLake.start(home);
  });
  after(() => lake?.stop());

  it('seals each record once, however often its sealer is killed between writing and sealing', async () => {
    const log = auditStore.open(home.identity);
    const written: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const burst = Array.from({ length: 150 }, async () => written.push(await log.append(record)));
      await setTimeout(Math.random() * 600);
      await lake.kill('identity-audit-sealer');
      await Promise.all(burst);
      // As if the minute of the dead one's lease had passed.
      await home.identity.transaction((tx) => tx.run("UPDATE audit_tip SET lease_until = ''", []));
    }
    for (let wait = 0; (await log.waiting()).records > 0; wait += 1) {
      assert.ok(wait < 200, 'the sealer does not seal');
      await setTimeout(300);
    }
    const sealed = (await sealedRecords(home.storeOf('audit'), 'identity')).map(({ id }) => id);
    assert.equal(sealed.length, written.length);
    assert.deepEqual(sealed.sort(), written.sort());
    assert.ok(await lake.auditVerifies());
  });
});
