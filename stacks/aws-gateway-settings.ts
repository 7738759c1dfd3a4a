import { choice, matching, optional, type Settings, wholeNumber } from './config-schema';

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

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

/** What only several values together show. */
export const checkGateway = ({ ingress, truststoreUri }: Settings<typeof awsGatewaySchema>): readonly string[] =>
  // API Gateway Developer Guide, "Mutual TLS authentication": not for private APIs.
  truststoreUri !== undefined && ingress === 'private'
    ? ['truststoreUri: set while ingress is private; allowed where ingress is public']
    : [];
