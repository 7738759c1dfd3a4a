import assert from 'node:assert/strict';
import { type Declared, explain, findPaths } from '../../components/guardrails/reachability';
import { madeUpAccount } from '../../stacks/commands/made-up-outputs';
import { handWrittenStack } from './hand-written-stack';
import { account, analytics, region } from './hand-written-stack/written-resource';
import { leaks } from './leaks';
import { leaksOfComponents } from './leaks/components';
import { harmless } from './leaks/harmless';
import { harmlessNames } from './leaks/named-strangers';
import { harmlessWays } from './leaks/own-ways-out';
import { analyticsAccount, recordLake } from './recorded-lake';

/** What the people of the hand-written stack decided on. */
const declared: Declared = {
  accounts: [account],
  regions: [region],
  exits: [
    { zone: 'lake', to: 'VPN connection site', through: 'site' },
    { zone: 'tre', to: `account ${analytics}`, through: 'analytics' },
    { to: 'whoever holds a signed upload', through: 'inbox' },
  ],
  inside: [{ from: 'identity', to: 'lake' }],
};

const said = (stack: typeof handWrittenStack): string => findPaths(stack, declared).map(explain).join('\n\n');

describe('ways out of a lake on AWS', () => {
  it('raises no alarm about a stack as the reference says it must be', () => {
    assert.equal(said(handWrittenStack), '');
  });

  it('has more leaks planted than the issue asks for, each named once', () => {
    assert.ok(leaks.length >= 25);
    assert.equal(new Set(leaks.map(({ name }) => name)).size, leaks.length);
  });

  for (const { name, reaches, through, plant } of leaks)
    it(`finds ${name}`, () => {
      const findings = findPaths(plant(handWrittenStack), declared);
      const explained = findings.map(explain);
      const found = findings.filter(({ from, to, steps }) => {
        const named = new Set([from.slice(from.indexOf(' ') + 1), ...steps.map((step) => step.name)]);
        return to === reaches && through.every((one) => named.has(one));
      });
      assert.ok(found.length > 0, `no way to ${reaches} by ${through.join(', ')}; found:\n${explained.join('\n\n')}`);
      assert.ok(
        found.every(({ mend }) => mend !== ''),
        'says what to mend',
      );
    });

  for (const { name, plant } of [...harmless, ...harmlessWays, ...harmlessNames])
    it(`raises no alarm about ${name}`, () => assert.equal(said(plant(handWrittenStack)), ''));

  it('prints the way step by step and what to mend', () => {
    const [leak] = leaks;
    assert.ok(leak);
    assert.equal(
      said(leak.plant(handWrittenStack)),
      [
        'SecurityGroup flu-workspace reaches internet',
        '  -> SecurityGroupEgressRule flu-workspace-anywhere: egress to outside, tcp 443',
        '  -> Subnet flu-a: its routes are in flu-routes',
        '  -> RouteTable flu-routes: holds flu-to-packages',
        '  -> Route flu-to-packages: routes 0.0.0.0/0',
        '  -> InternetGateway packages: gatewayId of flu-to-packages',
        '  -> internet',
        '  mend: take the route out (Route flu-to-packages, gatewayId), or declare the exit',
      ].join('\n'),
    );
  });

  it('lets a declared exit be used by nobody but the zone that declared it', () => {
    const exits = declared.exits?.filter(({ zone }) => zone !== 'tre') ?? [];
    const found = findPaths(handWrittenStack, { ...declared, exits });
    assert.deepEqual(
      found.map(({ from, to }) => [from, to]),
      [['SecurityGroup tre-warehouse', `account ${analytics}`]],
    );
  });
});

describe('ways out of the lake that the components make on AWS', () => {
  const own: Declared = {
    accounts: [madeUpAccount],
    regions: [region],
    exits: [
      { from: 'network-tre-group-warehouse', to: `account ${analyticsAccount}`, through: 'network-peering' },
      {
        from: 'network-lake-endpoint-execute-api-group',
        to: 'VPN connection network-vpn-connection',
        through: 'network-vpn-connection',
      },
      { to: 'whoever holds a signed upload', through: 'stores-inbox-policy' },
    ],
    // Endpoints and databases stand in rows of their own.
    inside: ['lake', 'identity', 'tre'].map((from) => ({ from, to: 'network' })),
  };

  it('are the declared ones alone', async () => {
    const found = findPaths(await recordLake(), own);
    assert.deepEqual(found.map(explain), []);
  });

  it('are seen when the ones that the settings ask for are not declared', async () => {
    const found = findPaths(await recordLake(), { ...own, exits: [] });
    assert.deepEqual([...new Set(found.map(({ to }) => to))].sort(), [
      'VPN connection network-vpn-connection',
      `account ${analyticsAccount}`,
      'whoever holds a signed upload',
    ]);
  });

  for (const { name, reaches, through, plant } of leaksOfComponents)
    it(`show ${name}`, async () => {
      const found = findPaths(plant(await recordLake()), own);
      const named = (finding: (typeof found)[number]) =>
        new Set([finding.from.slice(finding.from.indexOf(' ') + 1), ...finding.steps.map((step) => step.name)]);
      assert.ok(
        found.some((finding) => finding.to === reaches && through.every((one) => named(finding).has(one))),
        found.map(explain).join('\n\n'),
      );
    });
});
