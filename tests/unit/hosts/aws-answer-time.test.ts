import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { KMSClient } from '@aws-sdk/client-kms';
import { clientConfig } from '../../../adapters/aws/aws-calls';
import { AwsKmsKeyManagement } from '../../../adapters/aws/aws-kms-key-management';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import { PostgresStateDatabase } from '../../../adapters/postgres/postgres-state-database';
import { timely } from '../../../adapters/postgres/postgres-statement';
import { openS3Store } from '../../../adapters/s3-compatible/open-s3-store';
import { timeLeft, withinTime } from '../../../adapters/shared/time-limit';
import { timeForAnswer } from '../../../functions/hosts/aws-lambda/answer-time';
import { authoriseInTime } from '../../../functions/hosts/aws-lambda/authorise';
import { handler as authoriser } from '../../../functions/hosts/aws-lambda/functions/authoriser';
import { type LambdaFunction, lambdaHandler } from '../../../functions/hosts/aws-lambda/lambda-function';
import type { ProxyAnswer, ProxyEvent } from '../../../functions/hosts/aws-lambda/proxy-event';
import { errorResponse } from '../../../functions/ingest/http/fhir-answer';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import { signed } from '../provider-access/issuer-under-test';

const post: ProxyEvent = { httpMethod: 'POST', path: '/FHIR/R4/Patient', multiValueHeaders: { Host: ['lake'] } };
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const region = 'eu-west-2';
/** What is kept for the answer is 3 seconds of an invocation: these leave 60 milliseconds for the work. */
const context = { invokedFunctionArn: 'arn:aws:lambda:x', getRemainingTimeInMillis: () => 3060 };

/** A service that takes connections and never says a word. */
const silent = createServer(() => undefined);
let port = 0;
const calls: Readonly<Record<string, (endpoint: string) => Promise<unknown>>> = {
  'S3, a put': (endpoint) => store(endpoint).putIfAbsent('first', Buffer.from('x')),
  'S3, a read': (endpoint) => store(endpoint).read('first'),
  KMS: (endpoint) =>
    new AwsKmsKeyManagement(new KMSClient({ ...clientConfig({ region, endpoint }), credentials }), 'lake').mac(
      'macs',
      Buffer.from('x'),
    ),
  PostgreSQL: () =>
    new PostgresStateDatabase({ host: '127.0.0.1', port, database: 'd', user: 'u', password: 'p' }).snapshot((look) =>
      look.query('SELECT 1'),
    ),
};
const store = (endpoint: string) =>
  openS3Store({ kind: 's3', bucket: 'b', region, endpoint, forcePathStyle: true }, { credentials });

/** Ingest's own words for a failure, over a handler as the host has it. */
const answering = (work: () => Promise<unknown>): Pick<LambdaFunction, 'http' | 'settled'> => ({
  settled: async () => undefined,
  http: async (_, response) => {
    const answer = await work().then(
      () => new Response(null, { status: 201 }),
      (error: unknown) => errorResponse(error),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  },
});

describe('the time that an answer behind a gateway may take', () => {
  const kept = { ...process.env };
  const stderr = process.stderr.write;
  before(async () => {
    Object.assign(process.env, { LAKE_FUNCTION: 'test', LAKE_BINDING: '{}' });
    process.stderr.write = (() => true) as typeof process.stderr.write;
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (silent.address() as { readonly port: number }).port;
  });
  after(() => {
    process.env = { ...kept };
    process.stderr.write = stderr;
    silent.close();
  });

  for (const [service, call] of Object.entries(calls))
    it(`${service}: one that stays silent is given up in time to say 503 and when to come again`, async () => {
      const handler = lambdaHandler('test', async () => answering(() => call(`http://127.0.0.1:${port}`)));
      const begun = performance.now();
      const { statusCode, multiValueHeaders } = (await handler(post, context)) as ProxyAnswer;
      assert.deepEqual([statusCode, multiValueHeaders['retry-after']], [503, ['5']]);
      assert.ok(performance.now() - begun < 1500);
    });

  it('is also that of the authoriser, which lets nobody in when it is over', async () => {
    const { privateJwk } = await generateProviderKey();
    const methodArn = 'arn:aws:execute-api:eu-west-2:123456789012:api/lake/POST/FHIR/R4/Patient';
    const event = { methodArn, headers: { Authorization: `Bearer ${await signed(privateJwk, {})}` } };
    const endpoint = `http://127.0.0.1:${port}`;
    Object.assign(process.env, {
      ...{ LAKE_FUNCTION: 'authoriser', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
      LAKE_BINDING: JSON.stringify({ issuerKey: { kind: 'aws-kms', region, aliasPrefix: 'lake', endpoint } }),
    });
    const begun = performance.now();
    try {
      // What is kept for its answer is half a second.
      await assert.rejects(authoriser(event, { getRemainingTimeInMillis: () => 540 }), { code: 'Unavailable' });
      // An issuer's key set keeps a limit of its own, which is longer.
      const endless = { verify: () => new Promise<undefined>(() => undefined) };
      await assert.rejects(authoriseInTime(event, endless, 510), { code: 'Unavailable' });
    } finally {
      Object.assign(process.env, { LAKE_FUNCTION: 'test', LAKE_BINDING: '{}' });
    }
    assert.ok(performance.now() - begun < 1500);
  });

  it('is also that of a start, which goes on for the next request', async () => {
    const handler = lambdaHandler('test', async () => {
      await setTimeout(80);
      return answering(async () => undefined);
    });
    const codes: number[] = [];
    for (let n = 0; n < 2; n += 1) codes.push(((await handler(post, context)) as ProxyAnswer).statusCode);
    assert.deepEqual(codes, [503, 201]);
  });

  it("is the shorter of the invocation's and the gateway's, which began to wait before a start", () => {
    const now = 1_700_000_000_000;
    const at = (requestTimeEpoch: number): ProxyEvent => ({ ...post, requestContext: { requestTimeEpoch } });
    assert.equal(timeForAnswer(post, 29_000, now), 26_000);
    assert.equal(timeForAnswer(at(now - 8000), 29_000, now), 18_000);
    assert.equal(timeForAnswer(at(now - 8000), 10_000, now), 7000);
    assert.equal(timeForAnswer(at(now - 28_000), 29_000, now), 0);
    // A clock that goes wrong must not refuse every request.
    for (const wrong of [now + 60_000, now - 60_000]) assert.equal(timeForAnswer(at(wrong), 29_000, now), 26_000);
  });

  it('bounds each statement and each try, and nothing where nobody waits', async () => {
    assert.equal(timely('SELECT 1').query_timeout, undefined);
    const most = withinTime(5000, () => withinTime(60_000, () => timely('SELECT 1').query_timeout));
    assert.ok(most !== undefined && most <= 5000 && most > 4000);
    assert.equal(timeLeft(), Number.POSITIVE_INFINITY);
    const spent = await withinTime(0, () => Promise.resolve(calls.KMS?.('http://127.0.0.1:1'))).catch(
      (error: LakeError) => error,
    );
    assert.ok(isLakeError(spent, 'Unavailable') && spent instanceof LakeError);
  });
});
