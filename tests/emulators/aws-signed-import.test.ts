import assert from 'node:assert/strict';
import { GoldenSender } from '../contract/golden-sender';
import { describeOver } from '../support/given-servers';
import { awsHome } from './aws-home';
import { type AwsHome, LambdaLake } from './lambda-lake';

const observation = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
});

describeOver('a bulk import on Lambda, uploaded by a signed address', ['aws', 'postgres'], function (servers) {
  this.timeout(180_000);

  let home: AwsHome;
  let lake: LambdaLake;
  let sender: GoldenSender;
  before(async () => {
    home = await awsHome(servers);
    lake = await LambdaLake.start(home);
    sender = new GoldenSender(lake, await lake.register('A81001', ['system/*.cu']));
  });
  after(() => lake?.stop());

  const keys = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { key } of home.storeOf('inbox').list('')) found.push(key);
    return found;
  };

  it('takes more than the gateway does, starts when the upload has come, tells each line, and keeps nothing of it', async () => {
    // 400 lines of 15 KB: 6 MB, which no invocation takes.
    const long = 'x'.repeat(15_000);
    const lines = Array.from({ length: 400 }, (_, n) => ({ ...observation(`s${n}`), note: [{ text: long }] }));
    const { status, put } = await sender.signedImport(lines);
    assert.equal(put.status, 200);
    assert.deepEqual(
      (await keys()).map((key) => key.split('/').at(0)),
      ['signed'],
    );
    let answer = await sender.request('GET', status);
    for (let wait = 0; answer.status === 202 && wait < 600; wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = await sender.request('GET', status);
    }
    assert.equal(answer.status, 200);
    const { extension, error } = (await answer.json()) as {
      readonly extension: object;
      readonly error: readonly { readonly url: string }[];
    };
    assert.deepEqual(extension, { lines: 400, accepted: 400, refused: 0, quarantined: 0, duplicate: 0 });
    const outcome = await sender.request('GET', error[0]!.url.slice(lake.baseUrl.length));
    assert.equal((await outcome.text()).trim().split('\n').length, 400);
    assert.ok((await keys()).every((key) => key.startsWith('outcomes/')));
    assert.equal((await sender.request('HEAD', '/Observation/s399')).status, 200);
  });

  it('is started by nothing that no import waits for', async () => {
    await home
      .storeOf('inbox')
      .put('signed/A81001/00000000-0000-4000-8000-000000000000/upload.ndjson', Buffer.from('{}\n'));
    await lake.beat('bulk-import');
    assert.ok((await keys()).some((key) => key.startsWith('signed/')));
  });

  it('refuses a promise that is none, and repeats nothing of it', async () => {
    for (const parameter of [
      [{ name: 'size', valueDecimal: 6e9 }],
      [
        { name: 'size', valueDecimal: 8 },
        { name: 'sha256', valueString: 'MARKER' },
      ],
    ]) {
      const body = { resourceType: 'Parameters', parameter };
      const answer = await sender.request('POST', '/$import', body);
      assert.equal(answer.status, 400);
      assert.ok(!(await answer.text()).includes('MARKER'));
    }
  });

  it('goes through the gateway for who promises nothing', async () => {
    const answer = await sender.bulkImport([observation('through')]);
    assert.equal(answer.status, 200);
  });
});
