import { type Declared, type DeclaredExit, signedUpload } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, valuesAt } from './input-values';
import { statementsOf } from './policy-document';

/** What goes between the zones of a lake on AWS by design: an import is opened beside the identity zone's inbox and lands in the lake's ledger. */
const inside = [
  ...['curated', 'lake', 'tre', 'marts'].map((from) => ({ from, to: 'network' })),
  { from: 'lake', to: 'state' },
  { from: 'identity', to: 'network' },
  { from: 'identity', to: 'state' },
  { from: 'tre', to: 'marts' },
];

const named = (resources: readonly GraphResource[], kind: string, begins: string): readonly GraphResource[] =>
  resources.filter(({ type, name }) => type.endsWith(`:${kind}`) && name.startsWith(begins));

/** The provider of the lake itself: another one acts for somebody else's account (components/core/aws-target.ts). */
export const isLakesProvider = ({ type, name }: { readonly type: string; readonly name: string }): boolean =>
  type === 'pulumi:providers:aws' && name === 'aws';

/** It is made for one account alone; it takes the list as JSON. */
function accountsOf(provider: GraphResource | undefined): readonly string[] {
  const accounts: unknown = JSON.parse(textAt(provider?.inputs, 'allowedAccountIds') ?? '[]');
  return Array.isArray(accounts) ? accounts.map(String) : [];
}

/** Who deploys, and who may in an emergency: whom every key of the lake lets guard it. */
const guardiansOf = (resources: readonly GraphResource[]): readonly string[] =>
  named(resources, 'Key', 'key-ring-key-identity').flatMap(({ inputs }) =>
    (statementsOf(valuesAt(inputs, 'policy')[0]) ?? [])
      .filter(({ sid }) => sid === 'Administration')
      .flatMap(({ conditions }) => conditions.flatMap(({ key, values }) => (key === 'aws:PrincipalArn' ? values : []))),
  );

/** What a lake on AWS is meant to let out, by the parts that its settings ask for: mail of alarms, the analytics team, tunnels, reports. */
export function lakeBorders(resources: readonly GraphResource[]): Declared {
  const exits: readonly DeclaredExit[] = [
    // Bulk imports: into this bucket alone, signed, and good for minutes.
    ...named(resources, 'BucketPolicy', 'object-store-inbox-').map(({ name }) => ({ to: signedUpload, through: name })),
    // What services tell of the account and of jobs; no data of the lake is in it.
    ...named(resources, 'TopicSubscription', 'audit-alarms-mail-').flatMap(({ name }) =>
      named(resources, 'EventTarget', '').map((notice) => ({ to: 'internet', from: notice.name, through: name })),
    ),
    ...named(resources, 'VpcPeeringConnection', 'network-peering').map(({ name, inputs }) => ({
      to: `account ${textAt(inputs, 'peerOwnerId')}`,
      from: 'network-tre-group-warehouse',
      through: name,
    })),
    ...named(resources, 'VpnConnection', 'network-vpn-connection').map(({ name }) => ({
      to: `VPN connection ${name}`,
      from: 'network-lake-endpoint-execute-api-group',
      through: name,
    })),
    ...named(resources, 'Endpoint', 'network-vpn-people').flatMap(({ name }) =>
      ['network-tre-group-people', 'network-tre-group-workspaces'].map((from) => ({
        to: `client VPN ${name}`,
        from,
        through: name,
      })),
    ),
    ...named(resources, 'VpcConnection', 'tre-business-intelligence').map(({ name }) => ({
      to: `reports ${name}`,
      from: 'network-tre-group-reports',
      through: name,
    })),
  ];
  const provider = resources.find(isLakesProvider);
  const region = textAt(provider?.inputs, 'region');
  return {
    accounts: accountsOf(provider),
    ...(region === undefined ? {} : { regions: [region] }),
    people: guardiansOf(resources),
    exits,
    inside,
  };
}
