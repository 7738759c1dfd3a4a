import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import { reservedSegment } from '../../adapters/shared/object-keys';
import { erasureManifest, identityErasureManifest } from '../../functions/erasure/manifest';
import { martLibrary } from '../../functions/hosts/compose/marts-function';
import { LocalFunctions } from '../../functions/hosts/local/local-functions';
import { LocalMarts } from '../../functions/hosts/local/local-marts';
import { RunningLake, type Sender } from '../support/running-lake';

const person = { number: '9990000018', family: 'Zzqerased', value: '98765.4321' };
const other = { number: '9990000026', family: 'Zzqkept', value: '12345.6789' };
const verified = {
  url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatusEngland',
  valueCodeableConcept: {
    coding: [
      {
        system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland',
        code: '01',
      },
    ],
  },
};
const patient = (id: string, { number, family }: typeof person) => ({
  resourceType: 'Patient',
  id,
  identifier: [
    { extension: [verified], system: 'https://fhir.nhs.uk/Id/nhs-number', value: number },
    { system: 'https://example.nhs.uk/mrn', value: `mrn-${id}` },
  ],
  name: [{ family }],
  gender: 'female',
});
const observation = (id: string, subject: string, value: string) =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/${subject}"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":${value}}}`;

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // What a job of the clock is just putting is gone a moment later, and no object before.
    .filter((path) => !path.includes(join(reservedSegment, 'temporary')));

describe('erasure', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let gp: Sender;
  let hospital: Sender;

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
    hospital = await running.provider('RX901');
    const put = async (sender: Sender, type: string, id: string, body: object | string): Promise<void> =>
      assert.equal((await sender.request('PUT', `/${type}/${id}`, body)).status, 201);
    for (const [sender, prefix] of [
      [gp, 'g'],
      [hospital, 'h'],
    ] as const) {
      await put(sender, 'Patient', `${prefix}1`, patient(`${prefix}1`, person));
      await put(sender, 'Patient', `${prefix}2`, patient(`${prefix}2`, other));
      await put(sender, 'Observation', `${prefix}o1`, observation(`${prefix}o1`, `${prefix}1`, person.value));
      await put(sender, 'Observation', `${prefix}o2`, observation(`${prefix}o2`, `${prefix}2`, other.value));
    }
    const held = { ...patient('g9', person), modifierExtension: [{ url: 'https://example.nhs.uk/x', valueCode: 'a' }] };
    assert.equal((await gp.request('PUT', '/Patient/g9', held)).status, 202);
    await running.operator.curate();
    await running.operator.buildMarts(['patient_timeline']);
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  /** Every byte the lake holds, decrypted where it can be: objects, every Parquet file on the disk, databases as they lie. */
  async function everything(): Promise<string> {
    const { zones, database } = running.folder;
    const lake = running.parts.ports(erasureManifest);
    const identity = running.parts.ports(identityErasureManifest);
    const texts: string[] = [];
    const openAll = async (
      folder: string,
      zone: string,
      open: (sealed: Uint8Array, context: Record<string, string>) => Promise<Uint8Array>,
    ): Promise<void> => {
      const store = new FileObjectStore(folder);
      for await (const { key } of store.list('')) {
        const [provider, retention] = key.split('/');
        const context =
          provider === 'quarantine'
            ? { zone, provider: String(retention), retention: 'quarantine' }
            : { zone, provider: String(provider), retention: String(retention) };
        texts.push(Buffer.from(await open(await store.read(key), context)).toString('utf8'));
      }
    };
    await openAll(zones.landing, 'landing', new EnvelopeEncryption(lake.landingKey).open);
    await openAll(zones.identity, 'identity', new EnvelopeEncryption(identity.identityKey).open);
    const session = await lake.query.session({ readableFolders: [zones.curated, zones.marts] });
    for (const file of [...filesUnder(zones.curated), ...filesUnder(zones.marts)]) {
      texts.push(readFileSync(file, 'latin1'));
      if (!file.endsWith('.parquet')) continue;
      const { rows } = await session.query(`SELECT to_json(t)::VARCHAR AS row FROM read_parquet('${file}') t`);
      for (const { row } of rows) texts.push(String(row));
    }
    await session.close();
    for (const file of [database.lake, database.identity].flatMap((path) => [path, `${path}-wal`]))
      texts.push(readFileSync(file, 'latin1'));
    return texts.join('\n');
  }

  const tokensOf = (id: string): readonly string[] => {
    const database = new DatabaseSync(running.folder.database.lake, { readOnly: true });
    const rows = database.prepare('SELECT token FROM identifier WHERE id = ?').all(id) as { token: string }[];
    database.close();
    return rows.map(({ token }) => token);
  };
  /** Of a definition that is gone when the mart is there. */
  async function buildUndefined(name: string): Promise<void> {
    const library = mkdtempSync(join(tmpdir(), 'lake-library-'));
    cpSync(join(martLibrary, 'patient_timeline'), join(library, name), { recursive: true });
    await new LocalMarts(running.parts, new LocalFunctions(running.parts), library).build([name]);
    rmSync(library, { recursive: true });
  }

  const traces = async (text: string): Promise<readonly string[]> =>
    [person.family, person.number, person.value, 'mrn-g1', 'mrn-h1'].filter((word) => text.includes(word));

  it('leaves nothing of the person in any zone, table, history or database, and everything of others', async () => {
    await running.operator.buildMarts([]);
    await buildUndefined('left_behind');
    const rekeyed = (await running.parts.tokeniser()).rekey('A81001', 'Patient', 'g1');
    const tokens = tokensOf(rekeyed);
    assert.ok(tokens.length >= 2);
    const before = await everything();
    assert.deepEqual(await traces(before), [person.family, person.number, person.value, 'mrn-g1', 'mrn-h1']);
    for (const token of tokens) assert.ok(before.includes(token));

    const certificate = await running.operator.erase({ nhsNumbers: [person.number], patients: [] });

    const after = await everything();
    assert.deepEqual(await traces(after), []);
    for (const token of tokens) assert.ok(!after.includes(token), 'a token of an identifier is left');
    for (const word of [other.family, other.number, other.value, 'mrn-g2', 'mrn-h2']) assert.ok(after.includes(word));
    assert.deepEqual(certificate.erased.resources, { Patient: 2, Observation: 2 });
    // Two patients, two observations, and the message that is held.
    assert.equal(certificate.erased.originals, 5);
    assert.equal(certificate.erased.curatedRows, 4);
    assert.equal(certificate.erased.heldMessages, 1);
    assert.equal(certificate.erased.martsRebuilt.length, 5);
    const left = await running.operator.sql('SELECT count(*)::INTEGER AS n FROM marts.left_behind');
    assert.equal(Number(left.rows[0]?.n), 0, 'a mart that no definition makes any more');
    assert.equal((await gp.request('HEAD', '/Patient/g1')).status, 404);
    assert.equal((await gp.request('HEAD', '/Patient/g2')).status, 200);
    const { rows } = await running.operator.sql('SELECT count(*)::INTEGER AS n FROM curated.person_link');
    assert.equal(Number(rows[0]?.n), 2);
    assert.ok((await running.operator.verifyAudit()).ok);
  });

  it('reaches one patient of one provider by the id that tables show', async () => {
    const rekeyed = (await running.parts.tokeniser()).rekey('RX901', 'Patient', 'h1');
    const { erased } = await running.operator.erase({ nhsNumbers: [], patients: [rekeyed] });
    assert.deepEqual(erased.resources, { Patient: 1, Observation: 1 });
    assert.equal((await gp.request('HEAD', '/Patient/g1')).status, 200);
    assert.equal((await hospital.request('HEAD', '/Patient/h1')).status, 404);
  });

  it('gives a certificate that names nobody and cannot be changed', async () => {
    const certificate = await running.operator.erase({ nhsNumbers: [person.number], patients: [] });
    assert.equal(await running.operator.verifyErasure(certificate), true);
    const text = JSON.stringify(certificate);
    const rekeyed = (await running.parts.tokeniser()).rekey('A81001', 'Patient', 'g1');
    for (const word of [person.number, person.family, rekeyed]) assert.ok(!text.includes(word));
    const forged = { ...certificate, erased: { ...certificate.erased, originals: 3 } };
    assert.equal(await running.operator.verifyErasure(forged), false);
  });

  it('does not bring the person back by a message that is sent again, only by a new one', async () => {
    const requestId = randomUUID();
    const send = () =>
      gp.request('PUT', '/Observation/again', observation('again', 'g1', person.value), { 'x-request-id': requestId });
    assert.equal((await send()).status, 201);
    await running.operator.erase({ nhsNumbers: [person.number], patients: [] });
    const repeated = await send();
    assert.equal(repeated.headers.get('idempotency-replayed'), 'true');
    assert.equal((await gp.request('HEAD', '/Observation/again')).status, 404);
    assert.equal((await gp.request('PUT', '/Patient/g1', patient('g1', person))).status, 201);
  });

  it('reaches the first original of a message that was held and replayed', async () => {
    const invalid = {
      ...patient('g7', person),
      identifier: [
        ...patient('g7', person).identifier,
        { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000019' },
      ],
    };
    const response = await gp.request('PUT', '/Patient/g7', invalid);
    const tracking = /tracking id ([0-9a-f-]{36})/.exec(await response.text())![1]!;
    assert.equal((await running.operator.replayHeld(tracking, { acceptNhsNumber: true })).status, 'stored');
    await running.operator.curate();
    await running.operator.erase({ nhsNumbers: [person.number], patients: [] });
    assert.deepEqual(await traces(await everything()), []);
  });

  it('says so when the lake holds nothing of them', async () => {
    await assert.rejects(running.operator.erase({ nhsNumbers: ['9990000034'], patients: [] }), /holds nothing/);
    // A mistyped id: no certificate that somebody was erased.
    await assert.rejects(running.operator.erase({ nhsNumbers: [], patients: ['nobody'] }), { code: 'NotFound' });
  });

  for (const point of ['planned', 'landing', 'originals', 'curated', 'identity', 'marts']) {
    it(`cut off after "${point}" is finished at the next start`, async () => {
      Object.assign(running.parts, {
        failpoint: async (name: string) => {
          if (name === `erase.${point}`) throw new Error('killed');
        },
      });
      await assert.rejects(running.operator.erase({ nhsNumbers: [person.number], patients: [] }), /killed/);
      assert.equal((await gp.request('HEAD', '/Patient/g1')).status, 404);
      await running.halt();
      await running.boot();
      assert.deepEqual(await traces(await everything()), []);
      assert.equal(filesUnder(join(running.folder.zones.releases, 'erasures')).length >= 1, true);
      assert.equal((await gp.request('HEAD', '/Patient/g2')).status, 200);
    });
  }
});
