import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { FailpointName } from '../../functions/failpoint';
import { insideIdentity, outsideIdentity } from '../support/lake-contents';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const twoHours = 7_200_000;
const observation = (id: string, value: number, note: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  effectiveDateTime: '2026-01-01',
  valueQuantity: { value },
  note: [{ text: note }],
});

describe('orphans', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let gp: Sender;
  let fault: { readonly point: FailpointName; readonly work: () => Promise<void> | void } | undefined;

  beforeEach(async () => {
    fault = undefined;
    running = await RunningLake.start(undefined, async (name) => {
      if (name === fault?.point) await fault.work();
    });
    gp = await running.provider('A81001');
  });
  afterEach(() => running.remove());

  const at = (point: FailpointName, work: () => Promise<void> | void): void => {
    fault = { point, work };
  };
  const put = (id: string, body: object, headers = {}): Promise<Response> =>
    gp.request('PUT', `/Observation/${id}`, body, headers);
  const later = (): Date => new Date(Date.now() + twoHours);

  /** In how many objects of each zone a word stands. */
  async function found(value: string, note: string): Promise<readonly [landing: number, identity: number]> {
    let [landing, identity] = [0, 0];
    for await (const { place, text } of outsideIdentity(running.parts))
      if (place.startsWith('landing') && text.includes(value)) landing += 1;
    for await (const { text } of insideIdentity(running.parts)) if (text.includes(note)) identity += 1;
    return [landing, identity];
  }

  it('of a crash between put and commit are collected after the safety age, nothing else is', async () => {
    assert.equal((await put('kept', observation('kept', 111.25, 'Zzqkept'))).status, 201);
    let crashed = true;
    at('ingest.after-put', () => {
      if (crashed) throw new Error('killed');
    });
    assert.equal((await put('lost', observation('lost', 222.25, 'Zzqlost'))).status, 500);
    crashed = false;
    assert.deepEqual(await found('222.25', 'Zzqlost'), [1, 1]);

    assert.deepEqual(await running.operator.collectOrphans(), { leftovers: 0, orphans: 0 });
    assert.deepEqual(await running.operator.collectOrphans(later()), { leftovers: 0, orphans: 2 });
    assert.deepEqual(await found('222.25', 'Zzqlost'), [0, 0]);
    assert.deepEqual(await found('111.25', 'Zzqkept'), [1, 1]);
    assert.deepEqual(await running.operator.collectOrphans(later()), { leftovers: 0, orphans: 0 });
    assert.ok((await running.operator.verifyAudit()).ok);
  });

  it('cannot be committed any more: the sender is told to come again, and loses nothing', async () => {
    const requestId = randomUUID();
    let slow = true;
    at('ingest.after-put', async () => {
      if (!slow) return;
      slow = false;
      // The process hangs for hours between put and commit, and the collector comes by.
      assert.deepEqual(await running.operator.collectOrphans(later()), { leftovers: 0, orphans: 2 });
    });
    const send = () => put('slow', observation('slow', 333.25, 'Zzqslow'), { 'x-request-id': requestId });
    const refused = await send();
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal((await send()).status, 201);
    await running.operator.curate();
    const { rows } = await running.operator.sql('SELECT resource FROM curated.observation');
    assert.deepEqual([rows.length, await found('333.25', 'Zzqslow')], [1, [1, 1]]);
  });

  it('are also the lines of refused requests and of refused entries in objects that stay', async () => {
    assert.equal((await put('o1', observation('o1', 111.25, 'Zzqkept'))).status, 201);
    // A batch: one entry is stored, one loses its If-Match.
    const entry = (id: string, value: number, ifMatch?: string) => ({
      resource: observation(id, value, 'Zzqbatch'),
      request: { method: 'PUT', url: `Observation/${id}`, ...(ifMatch === undefined ? {} : { ifMatch }) },
    });
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [entry('o2', 444.25), entry('o1', 555.25, 'W/"7"')],
    };
    assert.equal((await gp.request('POST', '', batch)).status, 200);
    // Alone: nothing of it is stored.
    const stale = await put('o1', observation('o1', 666.25, 'Zzqstale'), { 'if-match': 'W/"7"' });
    assert.equal(stale.status, 409);
    assert.deepEqual(await found('555.25', 'Zzqbatch'), [1, 1]);
    assert.deepEqual(await found('666.25', 'Zzqstale'), [1, 1]);

    await running.operator.collectOrphans();
    assert.deepEqual(await found('444.25', 'Zzqbatch'), [1, 1]);
    assert.deepEqual((await found('555.25', ''))[0], 0);
    assert.deepEqual(await found('666.25', 'Zzqstale'), [0, 0]);
    assert.deepEqual(await found('111.25', 'Zzqkept'), [1, 1]);
    await running.operator.curate();
    const { rows } = await running.operator.sql('SELECT resource FROM curated.observation');
    assert.equal(rows.length, 2);
  });

  it('of a crash after a message was held are found by its sender: repeated, it is held once', async () => {
    const requestId = randomUUID();
    const body = {
      ...observation('held', 1, 'x'),
      modifierExtension: [{ url: 'https://example.nhs.uk/x', valueCode: 'a' }],
    };
    const send = () => put('held', body, { 'x-request-id': requestId });
    let crashed = true;
    at('ingest.before-put', () => {
      if (crashed) throw new Error('killed');
    });
    assert.equal((await send()).status, 500);
    crashed = false;
    const tracking = /tracking id ([0-9a-f-]{36})/.exec(await (await send()).text())?.[1];
    assert.deepEqual(
      (await running.operator.heldMessages()).map((message) => message.tracking),
      [tracking],
    );
  });

  it('of a refused entry never reach the identity register', async () => {
    const [mine, others] = ['9990000018', '9990000026'];
    assert.equal((await gp.request('PUT', '/Patient/p1', aPatient('p1', mine))).status, 201);
    const put = (ifMatch: string, number: string) => ({
      resource: aPatient('p1', number),
      request: { method: 'PUT', url: 'Patient/p1', ifMatch },
    });
    const batch = { resourceType: 'Bundle', type: 'batch', entry: [put('W/"1"', mine), put('W/"1"', others)] };
    const response = await gp.request('POST', '', batch);
    const answer = (await response.json()) as {
      entry: { response: { status: string } }[];
    };
    assert.deepEqual(
      answer.entry.map(({ response }) => response.status.slice(0, 3)),
      ['200', '409'],
    );
    await running.operator.curate();
    await assert.rejects(running.operator.erase({ nhsNumbers: [others], patients: [] }), /holds nothing/);
    const { erased } = await running.operator.erase({ nhsNumbers: [mine], patients: [] });
    assert.deepEqual(erased.resources, { Patient: 1 });
    for (const word of [mine, others])
      for await (const { text } of insideIdentity(running.parts)) assert.ok(!text.includes(word));
  });

  for (const point of ['collect.blanked', 'collect.condemned'] as const) {
    it(`are collected by the next beat when one was cut off at ${point}`, async () => {
      let armed = true;
      at('ingest.after-put', () => {
        if (armed) throw new Error('killed');
      });
      assert.equal((await put('lost', observation('lost', 222.25, 'Zzqlost'))).status, 500);
      armed = false;
      assert.equal((await put('o1', observation('o1', 111.25, 'Zzqkept'))).status, 201);
      await put('o1', observation('o1', 666.25, 'Zzqstale'), { 'if-match': 'W/"7"' });
      at(point, () => {
        throw new Error('killed');
      });
      await assert.rejects(running.operator.collectOrphans(later()), /killed/);
      at(point, () => undefined);
      await running.operator.collectOrphans(later());
      assert.deepEqual(await found('222.25', 'Zzqlost'), [0, 0]);
      assert.deepEqual(await found('666.25', 'Zzqstale'), [0, 0]);
      assert.deepEqual(await found('111.25', 'Zzqkept'), [1, 1]);
    });
  }
});
