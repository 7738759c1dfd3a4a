import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { sourcesOf } = require('../../../functions/cli/build.js') as { sourcesOf(checkout: string): string };
const root = resolve(__dirname, '..', '..', '..');
const launcher = join(root, 'stacks', 'main.js');

describe('The bundle of the program', () => {
  it('is of other sources when one was changed, put back to an older one, or taken away, or another package locked', () => {
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
      writeFileSync(join(checkout, 'package-lock.json'), '{}');
      others.push(sourcesOf(checkout));
      assert.equal(new Set([first, ...others]).size, 5);
    } finally {
      rmSync(checkout, { recursive: true, force: true });
    }
  });

  /** What a program finds that is loaded as Pulumi does it, with this as its body: given as JSON by `tell`. */
  const loaded = (body: string, environment: NodeJS.ProcessEnv = {}) => {
    const script = `
      Error.prepareStackTrace = (error, frames) => 'mapped: ' + frames.length;
      const tell = (what) => console.log(JSON.stringify(what));
      const traceOfErrors = () => new RangeError('no such zone').stack;
      const log = require('@pulumi/pulumi/log');
      const { debug } = log;
      require(${JSON.stringify(launcher)});
      const { debuggablePromise } = require('@pulumi/pulumi/runtime/debuggable');
      ${body}`;
    const env = { ...process.env, ...environment };
    return spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8', env });
  };
  const traces = `
    const property = Promise.resolve();
    debuggablePromise(property, 'a property');
    tell({ promise: property._debugStackTrace, error: traceOfErrors(), told: log.debug === debug });`;

  it('is loaded with the traces of its errors as they were, without those and the messages that Pulumi makes for its own debugging', () => {
    const { promise, error, told } = JSON.parse(loaded(traces).stdout);
    assert.deepEqual([promise, told], ['mapped: 0', false]);
    assert.match(error, /^mapped: [1-9]/);
    const debugged = JSON.parse(loaded(traces, { PULUMI_DEBUG_PROMISE_LEAKS: 'true' }).stdout);
    assert.match(debugged.promise, /^mapped: [1-9]/);
    assert.equal(debugged.told, true);
  });

  it('fails where a registration never ends; the properties that wait for it are not watched beside it', () => {
    const endless = (context: string) => `debuggablePromise(new Promise(() => {}), '${context}');`;
    const { status, stderr } = loaded(endless('resource:a') + endless('transferProperty(a, b, c)'));
    assert.match(stderr, /1 promise was still active/);
    assert.equal(status, 1);
  });

  it('is loaded without compiler and debugger, with which closures are sent as code, until one is sent', () => {
    const { stdout } = loaded(`
      const { isInitializedAsync } = require('@pulumi/pulumi/runtime/closure/v8Hooks');
      const debuggers = () => process.moduleLoadList.filter((name) => name === 'NativeModule inspector').length;
      const compilers = () => Object.keys(require.cache).filter((file) => file.includes('/typescript/')).length;
      const { runtime } = require('@pulumi/pulumi');
      const found = () => [compilers(), debuggers()];
      isInitializedAsync().then(async () => {
        const before = found();
        const { text } = await runtime.serializeFunction(() => 'a closure');
        tell({ before, after: found(), text });
      });`);
    const { before, after, text } = JSON.parse(stdout);
    assert.deepEqual(
      [before, after],
      [
        [0, 0],
        [1, 1],
      ],
    );
    assert.match(text, /'a closure'/);
  });
});
