import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import { erasureManifest, identityErasureManifest } from '../../functions/erasure/manifest';
import { retentionManifest } from '../../functions/retention/manifest';
import { auditOf } from '../support/audit-reader';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const day = 86_400_000;
/** Born on the first of May 2012: kept until the 25th birthday. */
const child = { ...aPatient('c1', '9990000018'), birthDate: '2012-05-01' };
const grown = new Date('2037-05-01T00:00:00Z');
const dayBefore = new Date(grown.getTime() - day);
/** Of no class that tells: kept until the site decides. */
const adult = { ...aPatient('a1', '9990000026'), birthDate: '1960-01-01' };

const observation = (id: string, subject: string, value: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${subject}` },
  effectiveDateTime: '2026-01-01',
  valueQuantity: { value },
});

describe('Retention', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let gp: Sender;
  let childRef: string;

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
    const put = (id: string, resource: object) => ({ resource, request: { method: 'PUT', url: id } });
    // Both in one message: its sealed original belongs to both.
    const both = await gp.request('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        put('Patient/c1', child),
        put('Patient/a1', adult),
        put('Observation/co', observation('co', 'c1', 71.5)),
        put('Observation/ao', observation('ao', 'a1', 82.5)),
      ],
    });
    assert.equal(both.status, 200, await both.text());
    // One of the child alone.
    assert.equal((await gp.request('PUT', '/Observation/co2', observation('co2', 'c1', 93.5))).status, 201);
    childRef = (await running.parts.tokeniser()).rekey('A81001', 'Patient', 'c1');
    await running.operator.curate();
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const present = async (path: string): Promise<boolean> => (await gp.request('HEAD', path)).status === 200;
  /** Every line of every sealed object of a zone. */
  async function opened(zone: 'landing' | 'identity'): Promise<string> {
    const key =
      zone === 'landing'
        ? running.parts.ports(erasureManifest).landingKey
        : running.parts.ports(identityErasureManifest).identityKey;
    const { open } = new EnvelopeEncryption(key);
    const store = new FileObjectStore(running.folder.zones[zone]);
    let text = '';
    for await (const { key: name } of store.list('')) {
      const [provider = '', retention = ''] = name.split('/');
      const context =
        provider === 'quarantine'
          ? { zone, provider: retention, retention: 'quarantine' }
          : { zone, provider, retention };
      text += Buffer.from(await open(await store.read(name), context)).toString('utf8');
    }
    return text;
  }
  const rows = async (table: string): Promise<number> =>
    Number((await running.operator.sql(`SELECT count(*)::INTEGER AS n FROM curated.${table}`)).rows[0]?.n);

  /** The child's record is gone, the adult's is whole. */
  async function childIsGone(): Promise<void> {
    for (const path of ['/Patient/c1', '/Observation/co', '/Observation/co2']) assert.equal(await present(path), false);
    for (const path of ['/Patient/a1', '/Observation/ao']) assert.equal(await present(path), true);
    const landing = await opened('landing');
    assert.ok(!landing.includes('71.5') && !landing.includes('93.5') && landing.includes('82.5'));
    // What was of the child alone is gone; the message that the adult is in as well stays, as long as the adult does.
    const identity = await opened('identity');
    assert.ok(!identity.includes('93.5') && identity.includes('82.5'));
    assert.deepEqual([await rows('observation'), await rows('patient'), await rows('person_link')], [1, 1, 1]);
  }

  it('lets a record go on its day and not before, with a certificate, and keeps what nobody decided', async () => {
    assert.deepEqual((await running.operator.retentionReport({ at: dayBefore.toISOString() })).records, {
      ...{ kept: 2, undecided: 1, due: 0, held: 0 },
    });
    await running.operator.buildMarts(['patient_timeline']);
    const before = await opened('identity');
    assert.deepEqual(await running.operator.expire(dayBefore), {
      records: 0,
      certificates: [],
      quarantine: 0,
      imports: 0,
    });
    assert.equal(await opened('identity'), before);
    assert.equal(await present('/Observation/co2'), true);

    const due = await running.operator.retentionReport({ at: grown.toISOString() });
    assert.deepEqual(due.records, { kept: 1, undecided: 1, due: 1, held: 0 });
    assert.equal(await present('/Observation/co2'), true, 'a report deleted something');

    const expired = await running.operator.expire(grown);
    assert.equal(expired.records, 1);
    await childIsGone();
    const [id = ''] = expired.certificates;
    const { releases } = running.parts.ports(erasureManifest);
    const certificate = JSON.parse(
      Buffer.from(await releases.read(`erasures/${id}.json`)).toString('utf8'),
    ) as ErasureCertificate;
    assert.deepEqual(
      [certificate.reason, certificate.erased.people, certificate.erased.resources, certificate.erased.originals],
      ['retention', 1, { Patient: 1, Observation: 2 }, 1],
    );
    assert.equal(await running.operator.verifyErasure(certificate), true);
    assert.equal(await running.operator.verifyErasure({ ...certificate, reason: undefined } as never), false);
    const records = await auditOf(running, 'lake');
    assert.deepEqual(
      records.filter(({ event }) => event === 'erase').map(({ agent, action }) => `${agent.id} ${action}`),
      ['retention job:retention.expire', 'retention job:erasure.complete'],
    );
    // Nothing is left to do, and a re-split does not bring anything back.
    assert.equal((await running.operator.expire(grown)).records, 0);
    await running.operator.resplit({ dryRun: false });
    await childIsGone();

    // The site decides about the rest: then the shared message goes too.
    writeFileSync(join(running.folder.root, 'retention.json'), '{"classes": {"general": {"contact": 8}}}');
    assert.equal((await running.operator.expire(new Date('2040-01-01'))).records, 1);
    assert.equal(await present('/Patient/a1'), false);
    assert.equal(`${await opened('landing')}${await opened('identity')}`.replaceAll('\n', ''), '');
    assert.ok((await running.operator.verifyAudit()).ok);
  });

  it('a legal hold stops it, an erasure too, also after the key was rotated, until it is released', async () => {
    const hold = { nhsNumbers: ['9990000018'], patients: [], provider: undefined, reference: 'Inquiry 12' };
    const [held] = await running.operator.hold(hold);
    assert.equal(held?.subject, childRef);
    await running.operator.rotatePseudonymKey();
    assert.deepEqual((await running.operator.retentionReport({ at: grown.toISOString() })).records.held, 1);
    assert.equal((await running.operator.expire(grown)).records, 0);
    await assert.rejects(running.operator.erase({ nhsNumbers: ['9990000018'], patients: [] }), /legal hold/);
    assert.equal(await present('/Observation/co'), true);
    assert.deepEqual(await running.operator.releaseHold({ id: held!.id }), []);
    await running.operator.hold({ ...hold, nhsNumbers: [], provider: 'A81001' });
    assert.equal((await running.operator.expire(grown)).records, 0);
    const [onProvider] = await running.operator.holds();
    await running.operator.releaseHold({ id: onProvider!.id });
    assert.equal((await running.operator.expire(grown)).records, 1);
    await childIsGone();
    for (const reference of ['', 'x', 'patient 9990000018', 'a\nb'])
      await assert.rejects(running.operator.hold({ ...hold, reference }), { code: 'InvalidArgument' });
  });

  it('a message or a hold since the record was judged keeps it', async () => {
    const { erasures } = running.parts.ports(erasureManifest);
    const [record] = await auditOf(running, 'lake');
    const expire = (contact: string) =>
      erasures.expire(randomUUID(), new Map([[childRef, contact]]), {
        ...record!,
        recorded: new Date().toISOString(),
      });
    const earlier = await expire('2020-01-01T00:00:00.000Z');
    assert.deepEqual([earlier.resources, earlier.patients], [[], []]);
    const { retention } = running.parts.ports(retentionManifest);
    const contact = (await retention.records(''))!.records.find(({ patient }) => patient === childRef)!.contact;
    const hold = { nhsNumbers: [], patients: [childRef], provider: undefined, reference: 'Case 8' };
    await running.operator.hold(hold);
    assert.deepEqual((await expire(contact)).patients, []);
    assert.equal(await present('/Patient/c1'), true);
  });

  it('held messages and ended imports go by days', async () => {
    const odd = { ...adult, id: 'a9', modifierExtension: [{ url: 'https://example.nhs.uk/x', valueCode: 'a' }] };
    assert.equal((await gp.request('PUT', '/Patient/a9', odd)).status, 202);
    const started = await gp.request('POST', '/$import', {});
    const place = started.headers.get('content-location')!.slice(running.lake.baseUrl.length);
    const ndjson = { 'content-type': 'application/fhir+ndjson' };
    assert.equal(
      (await gp.request('PUT', `${place}/upload`, `${JSON.stringify(observation('i1', 'a1', 1))}\n`, ndjson)).status,
      202,
    );
    while ((await gp.request('GET', place)).status === 202) await new Promise((resolve) => setTimeout(resolve, 50));
    const inbox = async (): Promise<number> => {
      let count = 0;
      for await (const { size } of new FileObjectStore(running.folder.zones.inbox).list('')) count += size > 0 ? 1 : 0;
      return count;
    };
    const objects = await inbox();
    assert.ok(objects > 0);
    const inDays = (days: number) => new Date(Date.now() + days * day);
    const { quarantine, imports } = await running.operator.expire(inDays(29));
    assert.deepEqual([quarantine, imports], [0, 0]);
    // Of quarantine the code of practice says nothing: it waits for the site.
    assert.deepEqual(await running.operator.expire(inDays(31)), {
      records: 0,
      certificates: [],
      quarantine: 0,
      imports: objects,
    });
    assert.equal(await inbox(), 0);
    writeFileSync(join(running.folder.root, 'retention.json'), '{"quarantineDays": 60}');
    const patient = (await running.parts.tokeniser()).rekey('A81001', 'Patient', 'a1');
    const [held] = await running.operator.hold({
      nhsNumbers: [],
      patients: [patient],
      provider: undefined,
      reference: 'Case 7',
    });
    assert.equal((await running.operator.expire(inDays(61))).quarantine, 0, 'a hold does not reach a held message');
    await running.operator.releaseHold({ id: held!.id });
    assert.equal((await running.operator.expire(inDays(59))).quarantine, 0);
    assert.equal((await running.operator.expire(inDays(61))).quarantine, 1);
    assert.deepEqual(await running.operator.heldMessages(), []);
    // A schedule that is not understood expires nothing.
    writeFileSync(join(running.folder.root, 'retention.json'), '{"quarantineDays": "all"}');
    await assert.rejects(running.operator.expire(inDays(9999)), { code: 'InvalidArgument' });
  });

  for (const point of ['planned', 'originals', 'identity']) {
    it(`cut off after "${point}" is finished at the next start`, async () => {
      Object.assign(running.parts, {
        failpoint: async (name: string) => {
          if (name === `erase.${point}`) throw new Error('killed');
        },
      });
      await assert.rejects(running.operator.expire(grown), /killed/);
      await running.halt();
      await running.boot();
      await childIsGone();
    });
  }
});
