import { output, secret } from '@pulumi/pulumi';
import { preparationManifest } from '../../functions/preparation/manifest';
import { awsFunctions } from '../../stacks/aws-functions';
import { readAwsConfig } from '../../stacks/aws-settings';
import type { ConfigSource } from '../../stacks/config-schema';
import { deployStack, readStackConfig } from '../../stacks/program';
import { type Mode, record } from '../support/pulumi-mocks';

type StackOutputs = Awaited<ReturnType<typeof deployStack>>;
type Values = Readonly<Record<string, string>>;

export const awsSource = (values: Values): ConfigSource => ({
  keys: () => Object.keys(values),
  text: (key) => values[key],
  secret: (key) => (values[key] === undefined ? undefined : secret(output(values[key]))),
});

/** The settings of a stack in an account, without anything that may be left out. */
export const awsSettings: Values = {
  target: 'aws',
  accountId: '123456789012',
  owner: 'data-platform-team',
  costCentre: '0000',
  deployers: '["arn:aws:iam::123456789012:role/deploy"]',
  host: 'lake.example.nhs.uk',
  certificateArn: 'arn:aws:acm:eu-west-2:123456789012:certificate/a',
  secretsExtensionArn: 'arn:aws:lambda:eu-west-2:123456789012:layer:Extension:1',
};

/**
 * Two public keys, as a pool publishes them. Fixed: among random ones about one in ten has forty letters and digits in
 * a row, which Checkov takes for a secret of AWS (docs/findings.md).
 */
const poolKeys = [
  {
    kid: 'first',
    n: 'u83cJWdgDcmLuFFhmBwZ7jXjuofX2dxJkdhReN5_9tjfkUy1ucCAuEY4Y-bH3AadQi7Vo-9tGFhH7BuVR30h2z8sxPdfBUWBN8otBsv76M6rD-8grJqUxc4nN2fxOWdsU6ZLtKREtIWGHHikSXgIE9ZCbBgCD2tKU03E8zGdj3Puglf7FNxnL0EPnaNfxZYAnSrn0bFkap0-BrbZBgf94MQAWqy_KAqsCLSy-xTjSIO5vGTRf0F8kVzUYMf82UFqbMFK0SwX4mbMFTySlowR4oSFzj608FUvd7YFQIUgyWNxAgfZd-FtfktFm5g_OrJrQlMlZHX72eFNDjXhHRctXQ',
  },
  {
    kid: 'second',
    n: '8wkObb3ZbUvpbwEXKJ-e2-Z83oVKgISEeRZQBrTte0pxGCPg1kItlZArU9B54U7Z3LjmpaXoItDbyPyw3YDOFnTJWU_dJmAZtdoJCAVUe0Zv_uXw9Tf0-G6Fuazr-TZoNjvvrR_ZohNu8bAR6x5xU-U6Qt1Ojr3sMnuRW0OmHYjmk-L6VyACqFXEHLNyVxrxi5Z8Cgw5-r_sD9KJn6rMaA_3PF1KZvQ2QZuLgeTdLVrLmihGxctvZifo3ftAWsUtpGBVr8v0VUpSAQrOwcaGQ7zjqV7nQe0utJhFlJErNh-Y62pONw5oh649If5cRP4i2_65K7_Bbs9q-40rV-IQWQ',
  },
].map((key) => ({ kty: 'RSA', e: 'AQAB', ...key, alg: 'RS256', use: 'sig' }));
// Cognito knows them by a secret, so that they declare no keys.
const providers = ['A1001', 'RX101'].map((ods) => ({ ods, name: 'A provider', scopes: ['system/Observation.c'] }));
const keyArn = (name: string): string => `arn:aws:kms:eu-west-2:123456789012:key/${name}`;

const plain: Values = {
  ...awsSettings,
  zones: '["eu-west-2a","eu-west-2b","eu-west-2c"]',
  breakGlass: '["arn:aws:iam::123456789012:role/break-glass"]',
  boundary: 'arn:aws:iam::123456789012:policy/lake-boundary',
  notify: '["lake-alarms@example.nhs.uk"]',
  providers: JSON.stringify(providers),
  tokenIssuer: 'cognito',
  cognitoDomain: 'lake-senders',
  cognitoKeys: JSON.stringify({ keys: poolKeys }),
  tokenMinutes: '10',
  staffIdentity: '{"kind":"oidc","name":"CareIdentity","issuer":"https://id.example.nhs.uk","clientId":"lake"}',
  staffSecret: 'a secret of the stack',
  staffDomain: 'lake-staff',
  staffCallbacks: '["https://console.example.nhs.uk/signed-in"]',
  logDays: '3653',
  logDaysOf: '{"access":731,"databases":400,"functions":90,"networks":1,"tables":365,"trail":3653}',
  ingress: 'public',
  requestsPerDay: '100000',
  truststoreUri: 's3://lake-trust/authorities.pem',
  truststoreVersion: '1',
  analyticsVpc: 'vpc-0123456789abcdef0',
  analyticsAccount: '444455556666',
  analyticsRange: '10.200.0.0/24',
  analyticsRole: 'arn:aws:iam::444455556666:role/accept-peering',
  vpnPeople: JSON.stringify({
    certificateArn: 'arn:aws:acm:eu-west-2:123456789012:certificate/vpn',
    samlProviderArn: 'arn:aws:iam::123456789012:saml-provider/site',
    range: '10.99.0.0/22',
    group: 'researchers',
  }),
  operators: '["ann=arn:aws:iam::123456789012:role/people/ann"]',
  retentionSchedule: '{"quarantineDays":90,"importDays":30}',
  catalogue: 'glue',
  columnGrants: JSON.stringify([
    {
      principal: 'arn:aws:iam::123456789012:role/analyst',
      zone: 'curated',
      table: 'patient',
      excluded: ['resource', 'patient_ref'],
    },
  ]),
  foreignData: JSON.stringify({
    bucket: 'lake-foreign',
    keyArn: keyArn('foreign'),
    prefix: 'fhir/',
    schedule: 'cron(15 2 * * ? *)',
  }),
  sparkJobs: '[{"name":"marts","script":"spark/marts.py"}]',
  sparkArtefacts: 'lake-artefacts',
  sparkArtefactsKey: keyArn('artefacts'),
  sparkJars: '["jars/pathling.jar"]',
  warehouse: 'redshift',
  warehouseReaders: '["analysts"]',
  federation: JSON.stringify({
    schema: 'planning',
    host: 'planning.cluster-1.eu-west-2.rds.amazonaws.com',
    database: 'planning',
    secretArn: 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:planning-reader',
    secretKeyArn: keyArn('secrets'),
  }),
  businessIntelligence: 'quicksight',
  projects: '[{"name":"flu","imageId":"ami-0123456789abcdef0","instanceType":"m7i.large","diskGigabytes":100}]',
};

/** Zips of every function, as Signer signed them. */
const signedCode = JSON.stringify({
  bucket: 'lake-code',
  profileVersionArns: ['arn:aws:signer:eu-west-2:123456789012:/signing-profiles/lake/0123456789'],
  engineLayerArn: 'arn:aws:lambda:eu-west-2:123456789012:layer:engine:1',
  fhirPackages: 'site/packages',
  martDefinitions: 'site/marts',
  objects: Object.fromEntries(
    [...awsFunctions(readAwsConfig(awsSource(plain))).map(({ manifest }) => manifest), preparationManifest].map(
      ({ name }) => [name, { key: `${name}.zip`, version: '1' }],
    ),
  ),
});

/** Everything that may be asked for at once. */
export const fullAwsSettings: Values = { ...plain, signedCode };

/** @param told gets what the stack shows once it is there */
export const deployAws = (mode: Mode, values: Values, told: (outputs: StackOutputs) => void = () => undefined) =>
  record(mode, async () => told(await deployStack(readStackConfig(awsSource(values)))));
