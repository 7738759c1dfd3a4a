import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verbs } from '../../functions/cli/main';
import { lake } from '../support/lake-command';
import { RunningLake } from '../support/running-lake';

const observation = (id: string, value: string) =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value}}}`;

describe('The command line, as a user has it', function () {
  this.timeout(60_000);
  const beside = mkdtempSync(join(tmpdir(), 'lake-command-line-'));
  const file = (name: string, content = ''): string => {
    writeFileSync(join(beside, name), content);
    return join(beside, name);
  };
  const nowhere = join(beside, 'nowhere');
  let running: RunningLake;
  let there: string[];

  before(async () => {
    running = await RunningLake.start();
    await running.provider('A81001');
    there = ['--provider', 'A81001', '--data', running.folder.root];
  });
  after(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
    rmSync(beside, { recursive: true });
  });

  it('explains every verb and every group of verbs, and exits 0', async () => {
    for (const { name, summary } of verbs) {
      const { code, out } = await lake(...name.split(' '), '--help');
      assert.deepEqual([code, out.includes(summary)], [0, true], name);
      for (const option of ['--data', '--port', '--json']) assert.ok(out.includes(option));
    }
    const { code, out } = await lake('provider', '--help');
    assert.equal(code, 0);
    assert.ok(out.includes('provider register') && !out.includes('audit verify'));
    assert.equal((await lake()).code, 0);
  });

  it('calls a wrong call wrong: exit 2, how it should be, and nothing done', async () => {
    const calls = [
      'nosuch',
      'nosuch --help',
      'provider',
      'provider nosuch',
      'up demo',
      'up --port 70000',
      'status json',
      'token',
      'token --provider A81001 --port x1',
      'sql',
      'sql SELECT 1',
      'sql x --format xml',
      'simulate --people many --out x',
      'erase --patient p --nhs-number',
      'erase verify one two',
      'marts list one',
    ];
    for (const call of calls) {
      const { code, out, error } = await lake(...call.split(' '), '--data', running.folder.root);
      assert.deepEqual([code, out], [2, ''], call);
      assert.match(error, /\n\n {2}/, call);
    }
    for (const call of ['nosuch', 'provider nosuch'])
      assert.match((await lake(...call.split(' '))).error, /There is no such verb/, call);
    assert.match((await lake('up', '--prot', '1')).error, /^Unknown option '--prot'\.\n\nlake up /);
    const empty = file('empty-set.json', '{"keys":[]}');
    assert.equal((await lake('provider', 'register', '--ods', 'B82002', '--name', 'B', '--jwks', empty)).code, 2);
  });

  it('names what cannot be read and what does not answer in a sentence, without a stack and without what stands there', async () => {
    const garbled = file('garbled.json', '{"secret" 9990000018}');
    const view = file('view.json', '{"resourceType":"ViewDefinition"}');
    const calls = [
      ['send', nowhere, ...there],
      ['send', garbled, '--provider', 'A81001', '--data', nowhere],
      ['token', '--provider', garbled, ...there.slice(2)],
      ['token', ...there, '--port', '1'],
      ['send', garbled, ...there, '--port', '1'],
      ['provider', 'register', '--ods', 'B82002', '--name', 'B', '--jwks', nowhere],
      ['provider', 'register', '--ods', 'B82002', '--name', 'B', '--jwks', garbled],
      ['erase', '--nhs-number-file', nowhere],
      ['erase', 'verify', garbled],
      ['view', 'run', garbled, garbled],
      ['view', 'run', view, nowhere],
      ['up', '--data', garbled],
      ['validate', nowhere],
    ];
    for (const call of calls) {
      const { code, error } = await lake(...call);
      assert.equal(code, 1, call.join(' '));
      assert.match(error, /^[^\n]+\.\n$/, call.join(' '));
      assert.ok(!/9990000018|secret/.test(error), call.join(' '));
    }
  });

  it('makes no lake where somebody only looks', async () => {
    for (const verb of ['status', 'jobs', 'marts list', 'provider list', 'audit verify', 'doctor']) {
      await lake(...verb.split(' '), '--data', nowhere);
      assert.ok(!existsSync(nowhere), verb);
    }
    assert.match((await lake('status', '--data', nowhere)).error, /There is no lake in this folder yet/);
  });

  it('an erasure whose certificate has no place is not begun', async () => {
    const certificate = file('certificate.json');
    const { code, error } = await lake('erase', '--patient', 'p', '--out', certificate, '--data', running.folder.root);
    assert.deepEqual([code, /nothing was erased/.test(error)], [1, true]);
  });

  it('sends an update twice and it is there once; says why something was refused, also when it is sent again', async () => {
    const first = file('first.json', observation('o1', '1'));
    const second = file('second.json', observation('o1', '2'));
    const send = async (...paths: readonly string[]) => {
      const { code, out } = await lake('send', ...paths, ...there, '--json');
      return { code, ...(JSON.parse(out) as Record<'accepted' | 'refused' | 'duplicate', number>) };
    };
    for (const path of [first, second]) assert.equal((await send(path)).accepted, 1);
    for (const path of [second, first]) {
      const { code, duplicate, refused } = await send(path);
      assert.deepEqual([code, duplicate, refused], [0, 1, 0]);
    }
    const mixed = file('mixed.ndjson', `${observation('o2', '1')}\n${observation('o3', '"x"')}\n`);
    const once = await send(mixed);
    assert.deepEqual([once.code, once.accepted, once.refused], [1, 1, 1]);
    const again = await send(mixed);
    assert.deepEqual([again.code, again.duplicate, again.refused], [1, 1, 1]);
    const { out } = await lake('send', mixed, ...there);
    assert.match(out, /^mixed .*\n +Bundle\.entry\[1\]\.resource\.value\S* The value must be/);
    await lake('curate', '--data', running.folder.root);
    const rows = await lake(
      'sql',
      'SELECT id, version FROM curated.observation',
      '--data',
      running.folder.root,
      '--json',
    );
    const versions = (JSON.parse(rows.out) as { version: number }[]).map(({ version }) => version);
    assert.deepEqual(versions.sort(), [1, 2]);
    const missing = await lake('sql', 'SELECT 1 FROM curated.nosuch', '--data', running.folder.root);
    assert.match(missing.error, /nosuch does not exist! There are: curated\.observation/);
  });

  it('says at once that a provider was shut out', async () => {
    await running.provider('C83003');
    const one = file('one.json', observation('o9', '1'));
    const data = ['--data', running.folder.root];
    await lake('provider', 'disable', '--ods', 'C83003', ...data);
    const { code, error } = await lake('send', one, '--provider', 'C83003', ...data);
    assert.equal(code, 1);
    assert.match(error, /^The token endpoint answered 40[01]\. .*invalid_client/);
  });

  it('gives numbers as JSON numbers, with all their digits', async () => {
    const { out } = await lake(
      ...['sql', 'SELECT count(*) AS n, 1.10 AS d, 12345678901234567890123 AS h, true AS b', '--format', 'json'],
      ...['--data', running.folder.root],
    );
    assert.equal(out, '[{"n":1,"d":1.10,"h":12345678901234567890123,"b":true}]\n');
    const column = { name: 'v', path: 'value.ofType(Quantity).value' };
    const view = file(
      'numbers.json',
      JSON.stringify({
        resourceType: 'ViewDefinition',
        ...{ status: 'active', resource: 'Observation', select: [{ column: [column] }] },
      }),
    );
    const rows = await lake('view', 'run', view, file('o.ndjson', observation('o1', '1.10')), '--format', 'json');
    assert.equal(rows.out, '[{"v":1.10}]\n');
  });
});
