import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { sourcesOf } = require('../../../functions/cli/build.js') as { sourcesOf(checkout: string): string };
const root = resolve(__dirname, '..', '..', '..');
const launcher = join(root, 'stacks', 'main.js');

describe('The bundle of the program', () => {
  it('is of other sources when one was changed, put back to an older one, or taken away', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'lake-sources-'));
    try {
      for (const folder of ['functions', 'adapters', 'components', 'stacks/aws'])
        mkdirSync(join(checkout, folder), { recursive: true });
      const source = join(checkout, 'stacks', 'aws', 'one.ts');
      const write = (text: string, seconds: number) => {
        writeFileSync(source, text);
        utimesSync(source, seconds, seconds);
        return sourcesOf(checkout);
      };
      const first = write('one', 1_000_000);
      assert.equal(sourcesOf(checkout), first);
      const others = [write('another', 1_000_000), write('one', 999_999)];
      rmSync(source);
      others.push(sourcesOf(checkout));
      assert.equal(new Set([first, ...others]).size, 4);
    } finally {
      rmSync(checkout, { recursive: true, force: true });
    }
  });

  it('is loaded with the traces of its errors as they were, without those and the messages that Pulumi makes for its own debugging', () => {
    const asked = `
      const log = require('@pulumi/pulumi/log');
      const { debug } = log;
      Error.prepareStackTrace = (error, frames) => 'mapped: ' + frames.length;
      require(${JSON.stringify(launcher)});
      const debuggablePromise = () => new Error().stack;
      const callsites = () => new Error().stack;
      const fails = () => new RangeError('no such zone').stack;
      const lines = callsites().split('\\n').length;
      console.log(JSON.stringify({ promise: debuggablePromise(), lines, error: fails(), told: log.debug === debug }));`;
    const loaded = (environment: NodeJS.ProcessEnv) =>
      JSON.parse(
        execFileSync(process.execPath, ['-e', asked], {
          cwd: root,
          encoding: 'utf8',
          env: { ...process.env, ...environment },
        }),
      ) as { readonly promise: string; readonly lines: number; readonly error: string; readonly told: boolean };
    const { promise, lines, error, told } = loaded({});
    assert.deepEqual([promise, lines > 3, told], ['', true, false]);
    assert.match(error, /^mapped: [1-9]/);
    const debugged = loaded({ PULUMI_DEBUG_PROMISE_LEAKS: 'true' });
    assert.match(debugged.promise, /^mapped: [1-9]/);
    assert.equal(debugged.told, true);
  });
});
