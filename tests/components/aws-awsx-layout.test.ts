import assert from 'node:assert/strict';
import { findPaths } from '../../components/guardrails/reachability';
import { lakeBorders } from '../../components/guardrails/reachability/lake-borders';
import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import { flip, type Recorded as Stack } from '../policies/mutation';
import { only } from '../support/pulumi-mocks';
import { awsSettings, deployAws } from './aws-settings';

const settings = { ...awsSettings, networkLayout: 'awsx' };
const gatewayType = 'aws:ec2/internetGateway:InternetGateway';

/** Rules that something in the stack breaks. */
const brokenIn = (stack: Stack): readonly string[] => {
  const graph = guardedGraph(stack);
  return rules.flatMap((rule) => (findingsOf(rule, graph).some(({ wrong }) => wrong !== undefined) ? [rule.id] : []));
};
const waysOut = (stack: Stack) => findPaths(stack, lakeBorders(stack));

describe('Networks laid out by awsx.ec2.Vpc', () => {
  let recorded: Stack;
  before(async () => {
    recorded = (await deployAws('apply', settings)) as Stack;
  });
  const made = (type: string) => recorded.filter((one) => one.type === type);

  it('have isolated subnets of the same ranges as those of our own, and no NAT gateway', async () => {
    const plain = ((await deployAws('apply', awsSettings)) as Stack).filter(
      ({ type }) => type === 'aws:ec2/subnet:Subnet',
    );
    const ranges = (stack: Stack) => stack.map(({ inputs }) => `${inputs.availabilityZone} ${inputs.cidrBlock}`).sort();
    assert.deepEqual(ranges(made('aws:ec2/subnet:Subnet')), ranges(plain));
    for (const { inputs, protect } of made('awsx:ec2:Vpc')) {
      assert.deepEqual(inputs.natGateways, { strategy: 'None' });
      assert.deepEqual(
        new Set((inputs.subnetSpecs as { type: string }[]).map(({ type }) => type)),
        new Set(['Isolated']),
      );
      assert.equal(protect, true);
    }
  });

  it('put each part into subnets of its own tier, found by their ranges', () => {
    const rangeOf = (id: unknown) => made('aws:ec2/subnet:Subnet').find((one) => one.id === id)?.inputs.cidrBlock;
    const { subnetIds } = only(recorded, 'ingest-function').inputs.vpcConfig as { subnetIds: readonly string[] };
    assert.deepEqual(subnetIds.map(rangeOf), ['10.80.0.0/20', '10.80.16.0/20']);
    const { subnetIds: guarded } = only(recorded, 'network-lake-identity-list').inputs as { subnetIds: string[] };
    assert.deepEqual(guarded.map(rangeOf), ['10.80.64.0/20', '10.80.80.0/20']);
    const { routeTableIds } = only(recorded, 'network-lake-endpoint-s3').inputs as { routeTableIds: string[] };
    assert.equal(new Set(routeTableIds).size, 4);
  });

  it('are planned before anything of them is known', async () => {
    const planned = await deployAws('preview', settings);
    assert.equal(planned.filter(({ type }) => type === 'awsx:ec2:Vpc').length, 2);
  });

  it('keep every guard rail and lead nowhere, though each has a gateway that no route leads to', () => {
    assert.equal(made(gatewayType).length, 2);
    assert.deepEqual(brokenIn(recorded), []);
    assert.deepEqual(waysOut(recorded), []);
  });

  it('turn rules and solver red when the gateway is opened or is another', () => {
    const open = flip(
      'aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions',
      'internetGatewayBlockMode',
      'off',
    );
    assert.deepEqual(brokenIn(open(recorded)), ['vpc-no-way-out', 'vpc-public-access-blocked']);
    const [gateway] = made(gatewayType);
    assert.ok(gateway);
    const another = {
      ...gateway,
      name: 'another',
      urn: 'urn:pulumi:test::nhs-data-lake::aws:ec2/internetGateway:InternetGateway::another',
    };
    assert.deepEqual(brokenIn([...recorded, another]), ['vpc-no-way-out']);
  });
});
