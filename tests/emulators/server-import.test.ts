import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { OpenBaoClient } from '../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../adapters/openbao/openbao-key-management';
import type { ObjectStore } from '../../adapters/ports/object-store';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import { auditStreams, streamPrefix } from '../../functions/audit/manifest';
import { credentialsOf } from '../../functions/cli/lake-access';
import type { PrepareSettings } from '../../functions/hosts/knative/prepare';
import { importIntoServers } from '../../functions/hosts/knative/server-import';
import { type Zone, zones } from '../../functions/manifest';
import { GoldenSender } from '../contract/golden-sender';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { RunningLake } from '../support/running-lake';
import { sendSimulated } from '../support/simulated-lake';
import { homeServers, type ServerHome, serverHome } from './server-home';

const passphrase = 'correct horse battery staple';

const observation = (id: string, status = 'final') => ({
  resourceType: 'Observation',
  id,
  status,
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
});

/** SHA-256 of every object of a store, by key. */
async function hashesOf(store: ObjectStore, prefix = ''): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {};
  for await (const { key } of store.list(prefix))
    hashes[key.slice(prefix.length)] = createHash('sha256')
      .update(await store.read(key))
      .digest('hex');
  return hashes;
}

describeOver('A lake of one machine, imported into S3, PostgreSQL and OpenBao', homeServers, function (servers) {
  this.timeout(300_000);

  const work = mkdtempSync(join(tmpdir(), 'lake-move-'));
  const out = join(work, 'export');
  const requestId = randomUUID();
  let machine: RunningLake;
  let home: ServerHome;
  let lake: KnativeLake;
  let settings: PrepareSettings;
  let sender: GoldenSender;

  before(async () => {
    machine = await RunningLake.start();
    await sendSimulated(machine, 3, 9);
    const gp = await machine.provider('A81001');
    const put = await gp.request('PUT', '/Observation/o1', observation('o1'), { 'x-request-id': requestId });
    assert.equal(put.status, 201);
    await machine.operator.curate();
    await machine.operator.buildMarts([]).catch(() => undefined);
    await machine.operator.exportLake(out, passphrase);
    home = await serverHome(servers, async (given) => {
      settings = given;
      await importIntoServers(given, out, passphrase);
    });
  });
  after(async () => {
    await (lake === undefined ? home?.remove() : lake.stop());
    await machine?.remove();
    rmSync(work, { recursive: true, force: true });
  });

  it('has every object with the hash it had', async () => {
    let compared = 0;
    for (const zone of zones) {
      for (const prefix of zone === 'audit' || zone === 'witness' ? auditStreams.map(streamPrefix) : ['']) {
        const folder = join(out, 'zones', zone, prefix);
        if (!existsSync(folder)) continue;
        const wanted = await hashesOf(new FileObjectStore(folder));
        assert.deepEqual(await hashesOf(home.storeOf(zone), prefix), wanted, zone);
        compared += Object.keys(wanted).length;
      }
    }
    assert.ok(compared > 50, `${compared} objects`);
  });

  it('opens there what was sealed here, by keys that nobody can read any more', async () => {
    const { address, mount, login } = settings.openbao;
    const keys = new OpenBaoKeyManagement(new OpenBaoClient({ address, login }), mount);
    const opened = async (zone: Extract<Zone, 'landing' | 'identity'>): Promise<number> => {
      const { open } = new EnvelopeEncryption({ unwrap: (key, context) => keys.unwrap(zone, key, context) });
      let count = 0;
      for await (const { key } of home.storeOf(zone).list('')) {
        const [provider = '', retention = ''] = key.split('/');
        if (zone === 'identity' && !/^[A-Z0-9]{5,6}$/.test(provider)) continue;
        const lines = Buffer.from(await open(await home.storeOf(zone).read(key), { zone, provider, retention }));
        assert.ok(lines.includes('{'));
        count += 1;
      }
      return count;
    };
    assert.ok((await opened('landing')) > 3);
    assert.ok((await opened('identity')) > 3);
    const wrong = new EnvelopeEncryption({ unwrap: (key, context) => keys.unwrap('pseudonym', key, context) });
    for await (const { key } of home.storeOf('landing').list('')) {
      const [provider = '', retention = ''] = key.split('/');
      const sealed = await home.storeOf('landing').read(key);
      await assert.rejects(wrong.open(sealed, { zone: 'landing', provider, retention }));
      break;
    }
    const exported = await fetch(`${address}/v1/${mount}/export/encryption-key/landing`, {
      headers: { 'x-vault-token': decodeURIComponent(servers.openbao.password) },
    });
    assert.equal(exported.ok, false);
  });

  it('goes on: repeats are known, versions count on, the audit verifies from its beginning', async () => {
    assert.ok(await home.auditVerifies(), 'before anything new');
    lake = await KnativeLake.start(home);
    sender = new GoldenSender(lake, credentialsOf({ data: machine.folder.root }, 'A81001'));
    const again = await sender.request('PUT', '/Observation/o1', observation('o1'), { 'x-request-id': requestId });
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    const update = await sender.request('PUT', '/Observation/o1', observation('o1', 'amended'), {
      'if-match': 'W/"1"',
    });
    assert.equal(update.headers.get('etag'), 'W/"2"');
    await lake.settle();
    const counts = 'SELECT count(*)::INTEGER AS n, max(version)::INTEGER AS newest FROM curated.observation';
    const [before] = (await machine.operator.sql(counts)).rows;
    assert.deepEqual({ ...(await lake.rows(counts))[0] }, { ...before, newest: 2 });
    assert.ok(await lake.auditVerifies());
  });

  it('is refused where the keys are there already, before anything is written', async () => {
    await assert.rejects(importIntoServers(settings, out, passphrase));
    await assert.rejects(importIntoServers(settings, out, 'another passphrase'), /do not open/);
  });
});
