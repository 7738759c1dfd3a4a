import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { awsType } from '../../components/guardrails/rules/aws-types';
import { runsOf } from '../../stacks/commands/cost/aws-message-work';
import { type CostEstimate, costOf, targetOf } from '../../stacks/commands/cost/cost-estimate';
import { type Drivers, driverNames, mediumLake } from '../../stacks/commands/cost/drivers';
import { pricesOf, withPrices } from '../../stacks/commands/cost/price-file';
import { recordedStack } from '../../stacks/commands/recorded-stack';
import { fullSettings, siteSettings } from '../components/dev-stack';
import { deploy } from '../components/recorded-lake';
import { lake } from '../support/lake-command';
import { repository } from '../support/machine-tools';
import { keptAwsStack } from './kept-aws-stack';
import { add, flip, type Recorded } from './mutation';

const estimate = (stack: Recorded, use: Drivers = mediumLake): CostEstimate =>
  costOf(stack, use, pricesOf(targetOf(stack)));
const drivers = fc.record(
  Object.fromEntries(driverNames.map((name) => [name, fc.double({ min: 0, max: 1e9, noNaN: true })])),
) as fc.Arbitrary<Drivers>;

describe('What a stack costs', () => {
  let dev: Recorded;
  before(async () => {
    dev = await recordedStack('dev', repository);
  });

  it('never falls when any driver rises, on AWS or Kubernetes', () => {
    for (const stack of [keptAwsStack, dev])
      fc.assert(
        fc.property(
          drivers,
          fc.constantFrom(...driverNames),
          fc.double({ min: 0, max: 1e6, noNaN: true }),
          (use, name, more) => {
            const risen = { ...use, [name]: use[name] + more };
            assert.ok(estimate(stack, risen).total >= estimate(stack, use).total);
          },
        ),
        { numRuns: 50 },
      );
  });

  it('rises with every driver that its target is paid by', () => {
    const nothing = Object.fromEntries(driverNames.map((name) => [name, 0])) as unknown as Drivers;
    const standing = estimate(keptAwsStack, { ...nothing, messages: 1e6 }).total;
    // Without a message its size costs nothing, and no crawler, application or namespace stands here but these.
    for (const name of [
      'messages',
      'messageKibibytes',
      'storedGibibytes',
      'tokens',
      'warehouseHours',
      'jobHours',
    ] as const)
      assert.ok(estimate(keptAwsStack, { ...nothing, messages: 1e6, [name]: 1e7 }).total > standing, name);
  });

  it('is refused for a resource that nobody has priced', () => {
    assert.throws(
      () => estimate(add(awsType('sagemaker', 'NotebookInstance'), {})(keptAwsStack)),
      /Nobody has said what these cost: aws:sagemaker\/notebookInstance:NotebookInstance/,
    );
    assert.throws(() => estimate(add('azure-native:storage:StorageAccount', {})(keptAwsStack)), /Nobody has said/);
  });

  it('knows everything that a Kubernetes stack can have', async () => {
    for (const settings of [fullSettings, siteSettings]) assert.ok(estimate(await deploy('apply', settings)).total > 0);
  });

  it('follows what the resources say', () => {
    const larger = flip(awsType('redshiftserverless', 'Workgroup'), 'baseCapacity', 64)(keptAwsStack);
    assert.ok(estimate(larger).total > estimate(keptAwsStack).total);
    const twice = [...keptAwsStack, ...keptAwsStack.filter(({ type }) => type === awsType('kms', 'Key'))];
    assert.ok(estimate(twice).total > estimate(keptAwsStack).total);
    const more = flip('kubernetes:apps/v1:Deployment', 'spec.replicas', 9)(dev);
    assert.ok(estimate(more).total > estimate(dev).total);
  });

  it('counts a function by what begins it: each message, a schedule, or somebody who asks', () => {
    const name = 'lake-ingest-0';
    const arn = `arn:aws:lambda:eu-west-2:123456789012:function:${name}`;
    const called = flip(awsType('lambda', 'Function'), 'name', name)(keptAwsStack);
    const driversOf = (stack: Recorded) =>
      costOf(
        stack.filter(({ type }) => /^aws:(lambda|scheduler)/.test(type)),
        mediumLake,
        pricesOf('aws'),
      ).components.flatMap(({ drivers }) => Object.entries(drivers).map(([driver, amount]) => ({ driver, amount })));
    const [asked] = driversOf(called);
    const [handed] = driversOf(add(awsType('lambda', 'EventSourceMapping'), { functionName: arn })(called));
    const scheduled = (expression: string) =>
      driversOf(add(awsType('scheduler', 'Schedule'), { scheduleExpression: expression, target: { arn } })(called))[0];
    assert.deepEqual([asked?.driver, handed?.driver], ['messages', 'messages']);
    assert.ok((handed?.amount ?? 0) > 50 * (asked?.amount ?? 0));
    const [other] = driversOf(add(awsType('lambda', 'EventSourceMapping'), { functionName: `${arn}-more` })(called));
    assert.deepEqual(other, asked, 'of a function whose name begins with that of this one');
    const often = scheduled('rate(1 minute)');
    assert.equal(often?.driver, 'standing');
    assert.ok((often?.amount ?? 0) > 4 * (scheduled('rate(5 minutes)')?.amount ?? 0));
    const queue = flip(awsType('sqs', 'Queue'), 'name', 'landed')(keptAwsStack);
    const taking = { functionName: 'of another stack', eventSourceArn: 'arn:aws:sqs:eu-west-2:123456789012:landed' };
    const taken = add(awsType('lambda', 'EventSourceMapping'), taking)(queue);
    assert.ok(estimate(taken).total > estimate(queue).total, 'a queue that a function takes from');
    assert.deepEqual(
      ['rate(1 minute)', 'rate(2 hours)', 'rate(1 day)', 'cron(30 1 * * ? *)'].map(runsOf),
      [43_200, 360, 30, 30],
    );
  });

  it('is the sum of its components, each of its drivers, in cents', () => {
    const { total, components } = estimate(keptAwsStack);
    const sum = components.reduce((amount, one) => amount + one.total, 0);
    assert.ok(Math.abs(sum - total) < 0.01 * (components.length + 1));
    for (const one of components)
      assert.ok(Math.abs(Object.values(one.drivers).reduce((a, b) => a + b, 0) - one.total) < 0.05, one.component);
  });

  it('rests on prices with a source, a date, and whether anybody checked them', () => {
    for (const target of ['aws', 'kubernetes']) {
      const { currency, prices } = pricesOf(target);
      assert.match(currency, /^[A-Z]{3}$/);
      for (const [name, { value, unit, region, source, date, verified }] of Object.entries(prices)) {
        assert.ok(value > 0 && unit !== '' && region !== '' && source !== '', name);
        assert.match(date, /^20\d\d-\d\d-\d\d$/);
        assert.equal(typeof verified, 'boolean');
      }
    }
    const { used, unverified } = estimate(keptAwsStack).prices;
    assert.ok(used.includes('key') && !unverified.includes('key'));
    assert.ok(unverified.includes('api request'), 'of most the source was not at hand');
  });

  it('takes the prices of a site, and refuses a file that is none', () => {
    const shipped = pricesOf('kubernetes');
    const dear = withPrices(
      shipped,
      JSON.stringify({ prices: { processor: { ...shipped.prices.processor, value: 1000 } } }),
    );
    assert.ok(costOf(dev, mediumLake, dear).total > costOf(dev, mediumLake, shipped).total);
    for (const text of ['', '[]', '{"prices":{"gold":{"value":1}}}', '{"prices":{"processor":{"value":-1}}}'])
      assert.throws(() => withPrices(shipped, text), /A price file is JSON/);
    assert.throws(() => withPrices(shipped, '{"currency":"EUR","prices":{}}'), /another currency/);
  });

  it('is told by lake stack cost', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-cost-'));
    try {
      const args = ['stack', 'cost', '--stack', 'dev', '--program', repository];
      const { code, out } = await lake(...args, '--json');
      const said = JSON.parse(out) as CostEstimate;
      assert.deepEqual([code, said.currency, Object.keys(said)], [0, 'GBP', ['total', 'currency', 'components']]);
      assert.ok(said.total > 0 && said.components.some(({ component }) => component === 'ingest'));
      const more = JSON.parse((await lake(...args, '--json', '--stored-gibibytes', '9999')).out) as CostEstimate;
      assert.ok(more.total > said.total);
      assert.match(
        (await lake(...args)).out,
        /total a month.*GBP\nmessages +5000000 .*\n(?:.*\n)+.*were not held against their source/,
      );
      assert.equal((await lake(...args, '--messages', 'many')).code, 2);
      writeFileSync(join(folder, 'prices.json'), '{}');
      assert.equal((await lake(...args, '--prices', join(folder, 'prices.json'))).code, 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
