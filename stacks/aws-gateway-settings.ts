import { choice, fieldsOf, matching, optional, parsed, type Settings, wholeNumber } from './config-schema';

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

const roleArn = /^arn:aws:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,512}$/;

function checkSigners(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('a map');
  // They stand in the function's environment, which holds 4 KB (AWS Lambda quotas).
  if (Object.keys(value).length > 30) throw new RangeError('30 at most');
  const given = value as Readonly<Record<string, unknown>>;
  return fieldsOf(value, Object.fromEntries(Object.keys(given).map((ods) => [ods, roleArn])));
}

/** How senders reach a lake on AWS, and how much each may send. */
export const awsGatewaySchema = {
  host: matching(hostName, 'a host name', 'Where senders reach the API and its tokens: https://HOST/FHIR/R4.'),
  certificateArn: matching(
    /^arn:aws:acm:eu-west-2:[0-9]{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate in eu-west-2',
    "The host's certificate in Certificate Manager.",
  ),
  ingress: choice(
    ['public', 'private'],
    'Everyone who has a token, or only by a private link or tunnel into the lake.',
    'private',
  ),
  requestsPerMinute: wholeNumber(1, 1_000_000, 'Requests a provider may make in a minute.', 6000),
  requestsPerSecond: wholeNumber(1, 10_000, 'Requests a second of all together; as many again may come at once.', 200),
  requestsPerAddress: wholeNumber(
    10,
    2_000_000_000,
    'Requests of one address in five minutes before it is held off.',
    20_000,
  ),
  requestsPerDay: wholeNumber(
    0,
    1_000_000_000,
    'Requests a provider may make in a day: each has a usage plan with a key that the authoriser names. 0 counts none.',
    0,
  ),
  signers: parsed(
    checkSigners,
    'a map of 30 ODS codes of declared providers at most, each the ARN of a role of the account',
    'Providers that may sign as a role (AWS Signature Version 4) to get a token at /oauth2/signed-token, instead of with a key. The role needs execute-api:Invoke on it.',
    {},
  ),
  truststoreUri: optional(
    matching(
      /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[\w./-]{1,512}$/,
      's3:// and a bucket of the account and a key',
      'Certificates of the authorities (PEM) that sign those of senders: mutual TLS beside the token.',
    ),
  ),
  truststoreVersion: optional(
    matching(
      /^[\w.-]{1,1024}$/,
      'the id of a version',
      'Version of that object: a change of it alone changes nothing.',
    ),
  ),
} as const;

type GatewaySettings = Settings<typeof awsGatewaySchema> & {
  readonly accountId: string;
  readonly tokenIssuer: 'own' | 'cognito';
  readonly providers: readonly { readonly ods: string }[];
};

/** What only several values together show. */
export function checkGateway(config: GatewaySettings): readonly string[] {
  const { accountId, ingress, truststoreUri, signers, tokenIssuer, providers } = config;
  const roles = Object.values(signers);
  const isForeign = roles.some((arn) => !arn.startsWith(`arn:aws:iam::${accountId}:`));
  const isUnknown = Object.keys(signers).some((code) => !providers.some(({ ods }) => ods === code));
  return [
    // API Gateway Developer Guide, "Mutual TLS authentication": not for private APIs.
    ...(truststoreUri !== undefined && ingress === 'private'
      ? ['truststoreUri: set while ingress is private; allowed where ingress is public']
      : []),
    ...(roles.length > 0 && tokenIssuer !== 'own' ? ['signers: allowed where tokenIssuer is own'] : []),
    ...(isForeign ? ['signers: a role of another account; allowed: roles of accountId'] : []),
    ...(new Set(roles).size < roles.length ? ['signers: a role twice; allowed: a role for each'] : []),
    ...(isUnknown ? ['signers: a provider that is not declared; allowed: ODS codes of providers'] : []),
  ];
}
