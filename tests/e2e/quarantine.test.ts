import assert from 'node:assert/strict';
import { RunningLake, type Sender } from '../support/running-lake';

const wrongNumber = '9990000019';
const patient = (id: string, value = wrongNumber) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value }],
  gender: 'male',
});
const strange = {
  resourceType: 'Observation',
  id: 'strange',
  status: 'final',
  code: { text: 'x' },
  modifierExtension: [{ url: 'https://example.nhs.uk/not-known', valueBoolean: true }],
};

describe('held messages', () => {
  let running: RunningLake;
  let gp: Sender;

  before(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
  });
  after(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const hold = async (method: string, path: string, body: object): Promise<string> => {
    const response = await gp.request(method, path, body);
    assert.equal(response.status, 202);
    return /tracking id ([0-9a-f-]{36})/.exec(await response.text())![1]!;
  };
  const held = async (): Promise<readonly string[]> =>
    (await running.operator.heldMessages()).map(({ tracking }) => tracking);
  const replay = (tracking: string, acceptNhsNumber = false) =>
    running.operator.replayHeld(tracking, { acceptNhsNumber });

  it('are listed with the rule and the element, and without what stands there', async () => {
    const tracking = await hold('PUT', '/Patient/p-held', patient('p-held'));
    const message = (await running.operator.heldMessages()).find((one) => one.tracking === tracking);
    assert.equal(message?.interaction, 'PUT Patient/{id}');
    assert.deepEqual(message?.reasons, ['nhs-number-invalid Patient.identifier']);
    const text = JSON.stringify(message);
    assert.ok(!text.includes(wrongNumber) && !text.includes('p-held'));
  });

  it('stay held while nothing has changed, and nothing of them is stored', async () => {
    const tracking = await hold('PUT', '/Observation/strange', strange);
    const before = await held();
    const replayed = await replay(tracking);
    assert.equal(replayed.status, 'held');
    assert.match(replayed.reasons.join(), /modifier/i);
    assert.deepEqual(await held(), before);
    assert.equal((await gp.request('HEAD', '/Observation/strange')).status, 404);
  });

  it('are stored by a replay under the id their sender gave, once, and then no longer held', async () => {
    const tracking = await hold('PUT', '/Patient/p-again', patient('p-again'));
    assert.deepEqual(await replay(tracking), {
      tracking,
      status: 'held',
      resources: [],
      reasons: ['The message is still not understood: nhs-number-invalid Patient.identifier.'],
    });
    const replayed = await replay(tracking, true);
    assert.deepEqual(replayed, {
      tracking,
      status: 'stored',
      resources: [{ type: 'Patient', version: 1 }],
      reasons: [],
    });
    assert.equal((await gp.request('HEAD', '/Patient/p-again')).headers.get('etag'), 'W/"1"');
    assert.ok(!(await held()).includes(tracking));
    await assert.rejects(replay(tracking, true), /No message is held/);
  });

  it('lose nothing and store nothing twice when the process dies between storing and settling', async () => {
    const tracking = await hold('PUT', '/Patient/p-crash', patient('p-crash'));
    const settled = running.parts.failpoint;
    Object.assign(running.parts, {
      failpoint: async (name: string) => {
        if (name === 'replay.stored') throw new Error('killed');
      },
    });
    await assert.rejects(replay(tracking, true), /killed/);
    Object.assign(running.parts, { failpoint: settled });
    assert.ok((await held()).includes(tracking));
    assert.equal((await replay(tracking, true)).status, 'stored');
    assert.equal((await gp.request('HEAD', '/Patient/p-crash')).headers.get('etag'), 'W/"1"');
  });

  it('of a batch are the entries that were not understood, each by itself', async () => {
    const entry = (resource: { resourceType: string; id: string }) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    });
    const before = await held();
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [entry(patient('p-b1', '9990000018')), entry(patient('p-b2'))],
    };
    const answer = (await (await gp.request('POST', '', batch)).json()) as {
      entry: { response: { status: string } }[];
    };
    assert.deepEqual(
      answer.entry.map(({ response }) => response.status),
      ['201 Created', '202 Accepted'],
    );
    const [tracking] = (await held()).filter((one) => !before.includes(one));
    assert.equal((await replay(tracking!, true)).status, 'stored');
    assert.equal((await gp.request('HEAD', '/Patient/p-b2')).headers.get('etag'), 'W/"1"');
  });

  it('of a provider that was shut out are not stored', async () => {
    const other = await running.provider('A81002');
    const response = await other.request('PUT', '/Patient/p-out', patient('p-out'));
    const tracking = /tracking id ([0-9a-f-]{36})/.exec(await response.text())![1]!;
    await running.operator.disableProvider('A81002');
    assert.equal((await replay(tracking, true)).status, 'refused');
    assert.ok((await held()).includes(tracking));
  });
});
