import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import { fetchToken, TokenRefused } from '../../functions/provider-access/client-assertion';
import { RunningLake, type Sender } from '../support/running-lake';

const observation = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
});

describe('A lake that stops, and keys that change', () => {
  let running: RunningLake;
  let gp: Sender;

  before(async () => {
    running = await RunningLake.start();
    gp = await running.provider('L99001');
    await gp.token();
  });
  after(() => running.remove());

  it('finishes what it began and refuses the rest: whatever it acknowledged is there, and nothing else', async () => {
    const ids = Array.from({ length: 150 }, () => randomUUID());
    const answers: { id: string; status: number }[] = [];
    let stopped: Promise<void> | undefined;
    const senders = Array.from({ length: 8 }, async () => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const response = await gp.request('PUT', `/Observation/${id}`, observation(id)).catch(() => undefined);
        answers.push({ id, status: response?.status ?? 0 });
        if (answers.length === 40) stopped = running.lake.stop();
        if (response?.status === 503) assert.ok(Number(response.headers.get('retry-after')) >= 1);
      }
    });
    await Promise.all(senders);
    await stopped;
    await running.parts.close();
    await running.boot();
    assert.equal(answers.length, 150);
    assert.ok(answers.filter(({ status }) => status === 201).length >= 40);
    for (const { id, status } of answers) {
      // 0: the lake was gone when this one came.
      assert.ok([201, 503, 0].includes(status), `${status}`);
      assert.equal((await gp.request('HEAD', `/Observation/${id}`)).status, status === 201 ? 200 : 404);
    }
    assert.deepEqual(running.failures, []);
  });

  it('takes tokens of a signing key that its issuer changed to a moment ago', async () => {
    assert.equal((await gp.request('PUT', '/Observation/before', observation('before'))).status, 201);
    await new FileKeyManagement(running.folder.keys.lake).rotate('issuer');
    const fresh = await running.provider('L99002');
    assert.equal((await fresh.request('PUT', '/Observation/after', observation('after'))).status, 201);
    assert.equal((await gp.request('HEAD', '/Observation/before')).status, 200);
  });

  it('refuses a provider its retired key, and goes on taking the other', async () => {
    const { credentials } = await running.provider('L99003');
    const tokenUrl = `${running.lake.origin}/oauth2/token`;
    await assert.rejects(running.operator.retireProviderKey('L99003'), /one key only/);
    await running.operator.rotateProviderKey('L99003');
    await fetchToken(credentials, tokenUrl);
    const { retired } = await running.operator.retireProviderKey('L99003');
    assert.equal(retired, credentials.privateJwk.kid);
    await assert.rejects(fetchToken(credentials, tokenUrl), (error) => error instanceof TokenRefused);
    const [provider] = (await running.operator.listProviders()).filter(({ ods }) => ods === 'L99003');
    assert.equal(provider?.keys.length, 1);
  });
});
