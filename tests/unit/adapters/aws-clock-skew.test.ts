import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientConfig } from '../../../adapters/aws/aws-calls';
import { AwsKmsKeyManagement } from '../../../adapters/aws/aws-kms-key-management';
import { GlueCatalogue } from '../../../adapters/aws/glue-catalogue';
import { SnsEvents } from '../../../adapters/aws/sns-events';
import { openS3Store } from '../../../adapters/s3-compatible/open-s3-store';
import { anEvent } from '../../support/an-event';
import { closeServer, listenOnLoopback } from '../../support/loopback-server';

const hour = 3_600_000;
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const [region, bucket] = ['eu-west-2', 'bucket'];

interface Service {
  readonly call: (endpoint: string) => Promise<unknown>;
  /** How it refuses a signature of another time. */
  readonly refusal: { readonly status: number; readonly body: string };
  /** How it answers otherwise. */
  readonly answer: string;
}

const s3 = (endpoint: string) =>
  openS3Store({ kind: 's3', bucket, region, endpoint, forcePathStyle: true }, { credentials });
const json = { status: 400, body: '{"__type":"InvalidSignatureException","message":"Signature expired"}' };
const xml = (code: string) => ({ status: 403, body: `<Error><Code>${code}</Code><Message>x</Message></Error>` });

const services: Readonly<Record<string, Service>> = {
  'S3, a put': {
    call: (endpoint) => s3(endpoint).putIfAbsent('first', Buffer.from('x')),
    refusal: xml('RequestTimeTooSkewed'),
    answer: '',
  },
  // The answer to HEAD has no body that could name the reason.
  'S3, a head': { call: (endpoint) => s3(endpoint).head('first'), refusal: { status: 403, body: '' }, answer: '' },
  KMS: {
    call: (endpoint) =>
      new AwsKmsKeyManagement(new KMSClient({ ...clientConfig({ region, endpoint }), credentials }), 'lake').mac(
        'macs',
        Buffer.from('x'),
      ),
    refusal: json,
    answer: JSON.stringify({ Mac: Buffer.alloc(32).toString('base64') }),
  },
  Glue: {
    call: (endpoint) =>
      new GlueCatalogue(new GlueClient({ ...clientConfig({ region, endpoint }), credentials }), {
        kind: 'glue',
        ...{ region, endpoint, curatedDatabase: 'c', martsDatabase: 'm', curated: 's3://c', marts: 's3://m' },
      }).tables(),
    refusal: json,
    answer: '{"TableList":[]}',
  },
  SNS: {
    call: (endpoint) =>
      new SnsEvents(new SNSClient({ ...clientConfig({ region, endpoint }), credentials }), 'arn').publish(anEvent),
    refusal: {
      status: 403,
      body: '<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>',
    },
    answer: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
  },
};

/** Parses the form of `x-amz-date`: 20261121T101500Z. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

describe('An adapter of AWS on a machine whose clock is wrong', () => {
  let signedAt: number[];
  let service: Service;
  const server = createServer((request, response) => {
    request.resume();
    const signed = timeOf(String(request.headers['x-amz-date']));
    signedAt.push(signed);
    // The service's clock is two hours ahead; it takes 15 minutes of difference at most, as S3 does.
    const now = Date.now() + 2 * hour;
    response.setHeader('date', new Date(now).toUTCString());
    const { status, body } =
      Math.abs(signed - now) > hour / 4 ? service.refusal : { status: 200, body: service.answer };
    response.writeHead(status, { etag: '"1"' }).end(request.method === 'HEAD' ? undefined : body);
  });
  let endpoint: string;
  before(async () => {
    endpoint = await listenOnLoopback(server);
  });
  after(() => closeServer(server));

  for (const [name, one] of Object.entries(services)) {
    it(`signs again by the time of the service: ${name}`, async () => {
      [service, signedAt] = [one, []];
      await one.call(endpoint);
      assert.ok(signedAt[1]! - signedAt[0]! > 1.5 * hour);
      for (const signed of signedAt.slice(1)) assert.ok(signed - signedAt[0]! > 1.5 * hour);
    });
  }
});
