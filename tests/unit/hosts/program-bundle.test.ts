import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { sourcesOf } = require('../../../functions/cli/build.js') as { sourcesOf(checkout: string): string };
const launcher = resolve(__dirname, '..', '..', '..', 'stacks', 'main.js');

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

  it('is loaded with the traces of its errors mapped, and those that Pulumi takes of promises left out', () => {
    const asked = `
      Error.prepareStackTrace = (error, frames) => 'mapped: ' + frames.length;
      require(${JSON.stringify(launcher)});
      const debuggablePromise = () => new Error().stack;
      const callsites = () => new Error().stack;
      const fails = () => new RangeError('no such zone').stack;
      console.log(JSON.stringify([debuggablePromise(), callsites().split('\\n').length > 3, fails()]));`;
    const traces = (environment: NodeJS.ProcessEnv) =>
      JSON.parse(
        execFileSync(process.execPath, ['-e', asked], { encoding: 'utf8', env: { ...process.env, ...environment } }),
      ) as [string, boolean, string];
    const [promise, many, error] = traces({});
    assert.equal(promise, '');
    assert.equal(many, true);
    assert.match(error, /^mapped: [1-9]/);
    assert.match(traces({ PULUMI_DEBUG_PROMISE_LEAKS: 'true' })[0], /^mapped: [1-9]/);
  });
});
