import { choice, fieldsOf, listOf, matching, optional, parsed, type Settings, wholeNumber } from './config-schema';

export const roleArn = /^arn:aws:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,512}$/;
const siteRange = /^[0-9]{1,3}(\.[0-9]{1,3}){3}\/([89]|[12]\d|3[0-2])$/;

/** Who is beyond the networks of a stack on AWS, and by which way they come. */
export const awsBeyondSchema = {
  analyticsVpc: optional(
    matching(
      /^vpc-[0-9a-f]{8,17}$/,
      'the id of a network',
      'Network of the analytics team, which is peered with the research network.',
    ),
  ),
  analyticsAccount: optional(matching(/^[0-9]{12}$/, 'twelve digits', 'Its account.')),
  analyticsRange: optional(matching(siteRange, 'an IPv4 range of /8 or longer', 'Its range.')),
  analyticsRole: optional(
    matching(
      roleArn,
      'the ARN of a role of its account',
      'Accepts the peering there; without it the team accepts it. Call it `lake-peering`: the deploying role may take no other (docs/account/deploy.json). In the account of the lake none is needed.',
    ),
  ),
  networkLayout: choice(
    ['plain', 'awsx'],
    'How networks are made: by resources of our own, or by awsx.ec2.Vpc where accounts standardise on it, whose internet gateway the block of the account closes.',
    'plain',
  ),
  vpnGateway: optional(
    matching(
      /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/,
      'an IPv4 address',
      "The site's own gateway: a tunnel leads to the lake's endpoints.",
    ),
  ),
  vpnAsn: wholeNumber(1, 4_294_967_294, 'Its autonomous system number.', 65_000),
  vpnRanges: listOf(siteRange, 'an IPv4 range of /8 or longer', 'Ranges behind it.', []),
  vpnPeople: optional(
    parsed(
      (value) =>
        fieldsOf(value, {
          certificateArn: /^arn:aws:acm:eu-west-2:[0-9]{12}:certificate\/[\w-]+$/,
          samlProviderArn: /^arn:aws:iam::[0-9]{12}:saml-provider\/[\w.-]{1,128}$/,
          range: /^[0-9]{1,3}(\.[0-9]{1,3}){3}\/(1[2-9]|2[0-2])$/,
          group: /^[\w .-]{1,256}$/,
        }),
      'a map { certificateArn, samlProviderArn, range, group }, all text; the range has 12 to 22 bits of prefix',
      "A client VPN by which single people come to the research network: those of the group, whom the site's own identity provider signs in.",
    ),
  ),
} as const;

type BeyondSettings = Settings<typeof awsBeyondSchema> & { readonly accountBlocks: 'own' | 'existing' };

/** What only several values together show. */
export function checkBeyond(config: BeyondSettings): readonly string[] {
  const { analyticsVpc, analyticsRole, analyticsAccount, vpnGateway, vpnPeople } = config;
  return [
    ...(analyticsRole !== undefined && analyticsVpc === undefined
      ? ['analyticsRole: allowed where analyticsVpc is set']
      : []),
    ...(analyticsRole !== undefined &&
    analyticsAccount !== undefined &&
    !analyticsRole.includes(`::${analyticsAccount}:`)
      ? ['analyticsRole: of another account than analyticsAccount; allowed: a role of that account']
      : []),
    ...(config.networkLayout === 'awsx' && config.accountBlocks !== 'own'
      ? ['networkLayout: awsx where accountBlocks is existing; allowed: plain, as the rules see no block in the stack']
      : []),
    ...(vpnGateway !== undefined && vpnPeople !== undefined
      ? ['vpnPeople: set beside vpnGateway; allowed: one of the two']
      : []),
  ];
}
