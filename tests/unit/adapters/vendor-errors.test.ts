import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GlueClient } from '@aws-sdk/client-glue';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { DatabaseError } from 'pg';
import { clientConfig } from '../../../adapters/aws/aws-calls';
import { toLakeError as fromAws } from '../../../adapters/aws/aws-errors';
import { AwsKmsKeyManagement } from '../../../adapters/aws/aws-kms-key-management';
import { GlueCatalogue } from '../../../adapters/aws/glue-catalogue';
import { SnsEvents } from '../../../adapters/aws/sns-events';
import { BlobObjectStore } from '../../../adapters/azure/blob-object-store';
import { OpenBaoClient } from '../../../adapters/openbao/openbao-client';
import { isLakeError, type LakeError, type LakeErrorCode, lakeErrorCodes } from '../../../adapters/ports/errors';
import type { ObjectStore } from '../../../adapters/ports/object-store';
import { toLakeError as fromPostgres } from '../../../adapters/postgres/postgres-errors';
import { toLakeError as fromS3 } from '../../../adapters/s3-compatible/s3-errors';
import { S3ObjectStore } from '../../../adapters/s3-compatible/s3-object-store';
import { anEvent } from '../../support/an-event';
import { AnsweringServer } from '../../support/answering-server';
import { FaultProxy } from '../../support/fault-proxy';

/** What a service may quote in its message, and no error of a port may repeat. */
const quoted = 'key/of-9434765919';

async function failureOf(call: () => Promise<unknown>): Promise<LakeError> {
  try {
    await call();
  } catch (error) {
    assert.ok(isLakeError(error), String(error));
    assert.ok(lakeErrorCodes.includes(error.code));
    assert.ok(!error.message.includes(quoted), 'the message repeats what the service quoted');
    assert.ok(error.cause !== undefined || error.code === 'AlreadyExists');
    return error;
  }
  throw new assert.AssertionError({ message: 'the call was not refused' });
}

type Row = readonly [operation: 'get' | 'head' | 'put' | 'list', status: number, name: string, code: LakeErrorCode];

const s3Rows: readonly Row[] = [
  ['get', 404, 'NoSuchKey', 'NotFound'],
  ['get', 404, 'NoSuchBucket', 'InvalidArgument'],
  ['head', 404, '', 'NotFound'],
  ['get', 403, 'AccessDenied', 'PermissionDenied'],
  ['get', 403, 'InvalidAccessKeyId', 'PermissionDenied'],
  ['get', 403, 'SignatureDoesNotMatch', 'PermissionDenied'],
  ['get', 403, 'RequestTimeTooSkewed', 'Unavailable'],
  ['get', 400, 'ExpiredToken', 'PermissionDenied'],
  ['head', 403, '', 'PermissionDenied'],
  ['head', 400, '', 'InvalidArgument'],
  ['get', 416, 'InvalidRange', 'InvalidArgument'],
  ['get', 403, 'InvalidObjectState', 'PreconditionFailed'],
  ['put', 412, 'PreconditionFailed', 'PreconditionFailed'],
  ['put', 409, 'ConditionalRequestConflict', 'Unavailable'],
  ['put', 400, 'BadDigest', 'InvalidArgument'],
  ['put', 400, 'XAmzContentSHA256Mismatch', 'InvalidArgument'],
  ['put', 400, 'EntityTooLarge', 'InvalidArgument'],
  ['put', 400, 'KeyTooLongError', 'InvalidArgument'],
  ['put', 400, 'RequestTimeout', 'Unavailable'],
  ['put', 400, 'ThrottlingException', 'Unavailable'],
  ['put', 400, 'KMS.ThrottlingException', 'Unavailable'],
  ['put', 400, 'KMS.DisabledException', 'PermissionDenied'],
  ['get', 400, 'KMS.KMSInvalidStateException', 'PermissionDenied'],
  ['get', 400, 'KMS.NotFoundException', 'PermissionDenied'],
  ['put', 501, 'NotImplemented', 'Unsupported'],
  ['put', 405, 'MethodNotAllowed', 'Unsupported'],
  ['put', 503, 'SlowDown', 'Unavailable'],
  ['list', 500, 'InternalError', 'Unavailable'],
  ['list', 429, 'TooManyRequests', 'Unavailable'],
];

const azureRows: readonly Row[] = [
  ['get', 404, 'BlobNotFound', 'NotFound'],
  ['head', 404, 'BlobNotFound', 'NotFound'],
  ['get', 404, 'ContainerNotFound', 'InvalidArgument'],
  ['head', 404, 'ContainerNotFound', 'InvalidArgument'],
  ['get', 403, 'AuthenticationFailed', 'PermissionDenied'],
  ['head', 403, 'AuthorizationPermissionMismatch', 'PermissionDenied'],
  ['get', 401, 'InvalidAuthenticationInfo', 'PermissionDenied'],
  ['get', 416, 'InvalidRange', 'InvalidArgument'],
  ['put', 400, 'Md5Mismatch', 'InvalidArgument'],
  ['put', 413, 'RequestBodyTooLarge', 'InvalidArgument'],
  ['put', 409, 'BlobImmutableDueToPolicy', 'PermissionDenied'],
  ['put', 409, 'ContainerBeingDeleted', 'Unavailable'],
  ['put', 501, 'APINotImplemented', 'Unsupported'],
  ['put', 503, 'ServerBusy', 'Unavailable'],
  ['put', 500, 'OperationTimedOut', 'Unavailable'],
  ['list', 500, 'InternalError', 'Unavailable'],
  ['list', 429, 'TooManyRequests', 'Unavailable'],
];

const calls: Readonly<Record<Row[0], (store: ObjectStore) => Promise<unknown>>> = {
  get: (store) => store.read('a'),
  head: (store) => store.head('a'),
  put: (store) => store.put('a', Buffer.from('x')),
  list: async (store) => {
    for await (const _ of store.list('')) break;
  },
};

describe('errors of a vendor become the closed codes', () => {
  const server = new AnsweringServer();
  let origin: string;
  const folder = mkdtempSync(join(tmpdir(), 'lake-vendor-errors-'));
  before(async () => {
    origin = await server.listen();
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const s3Store = (endpoint: string) =>
    new S3ObjectStore(
      new S3Client({ endpoint, region: 'eu-west-2', forcePathStyle: true, maxAttempts: 1, credentials }),
      { bucket: 'bucket', refuseClashes: false, attempts: 1 },
    );
  for (const [operation, status, name, code] of s3Rows) {
    it(`S3: ${operation} ${status} ${name || 'without a body'} is ${code}`, async () => {
      const body = `<Error><Code>${name}</Code><Message>refused</Message><Key>${quoted}</Key></Error>`;
      server.answer = { status, headers: { 'content-type': 'application/xml', 'retry-after': '7' }, body };
      const failure = await failureOf(() => calls[operation](s3Store(origin)));
      assert.equal(failure.code, code);
      assert.equal(failure.retryAfterSeconds, code === 'Unavailable' ? 7 : undefined);
    });
  }

  it('S3: a taken key is AlreadyExists also to a role that may put and not look', async () => {
    const body = '<Error><Code>PreconditionFailed</Code></Error>';
    server.answer = { status: 412, headers: { 'content-type': 'application/xml' }, body };
    server.headAnswer = { status: 403 };
    const failure = await failureOf(() => s3Store(origin).putIfAbsent('a', Buffer.from('x')));
    server.headAnswer = undefined;
    assert.equal(failure.code, 'AlreadyExists');
  });

  const azureStore = (endpoint: string) =>
    new BlobObjectStore(
      new BlobServiceClient(`${endpoint}/account`, new StorageSharedKeyCredential('account', 'a2V5'), {
        retryOptions: { maxTries: 1 },
      }).getContainerClient('container'),
      { refuseClashes: false, attempts: 1 },
    );
  for (const [operation, status, name, code] of azureRows) {
    it(`Azure Blob: ${operation} ${status} ${name} is ${code}`, async () => {
      const body = `<?xml version="1.0"?><Error><Code>${name}</Code><Message>refused ${quoted}</Message></Error>`;
      const headers = { 'content-type': 'application/xml', 'x-ms-error-code': name, 'retry-after': '7' };
      server.answer = { status, headers, body };
      const failure = await failureOf(() => calls[operation](azureStore(origin)));
      assert.equal(failure.code, code);
      assert.equal(failure.retryAfterSeconds, code === 'Unavailable' ? 7 : undefined);
    });
  }

  const kms = (endpoint: string) =>
    new AwsKmsKeyManagement(new KMSClient({ endpoint, region: 'eu-west-2', maxAttempts: 1, credentials }), 'lake');
  for (const [status, name, code] of [
    [400, 'NotFoundException', 'NotFound'],
    [400, 'AccessDeniedException', 'PermissionDenied'],
    [400, 'UnrecognizedClientException', 'PermissionDenied'],
    [400, 'ExpiredTokenException', 'PermissionDenied'],
    [400, 'InvalidSignatureException', 'PermissionDenied'],
    [400, 'DisabledException', 'PreconditionFailed'],
    [400, 'KMSInvalidStateException', 'PreconditionFailed'],
    [400, 'InvalidKeyUsageException', 'InvalidArgument'],
    [400, 'ValidationException', 'InvalidArgument'],
  ] as const) {
    it(`AWS KMS: ${status} ${name} is ${code}`, async () => {
      server.answer = { status, body: JSON.stringify({ __type: name, message: quoted }) };
      assert.equal((await failureOf(() => kms(origin).mac('a', Buffer.from('x')))).code, code);
    });
  }
  for (const [status, name] of [
    [400, 'ThrottlingException'],
    [500, 'KMSInternalException'],
    [503, 'DependencyTimeoutException'],
  ] as const) {
    it(`AWS KMS: ${status} ${name} is Unavailable, with the wait the service asks for`, async () => {
      server.answer = {
        status,
        headers: { 'retry-after': '60' },
        body: JSON.stringify({ __type: name, message: quoted }),
      };
      const failure = await failureOf(() => kms(origin).mac('a', Buffer.from('x')));
      assert.deepEqual([failure.code, failure.retryAfterSeconds], ['Unavailable', 60]);
    });
  }
  const sns = (endpoint: string) =>
    new SnsEvents(new SNSClient({ endpoint, region: 'eu-west-2', maxAttempts: 1, credentials }), 'arn');
  for (const [status, name, code] of [
    [404, 'NotFound', 'NotFound'],
    [403, 'AuthorizationError', 'PermissionDenied'],
    [400, 'KMSAccessDenied', 'PermissionDenied'],
    [400, 'KMSDisabled', 'PreconditionFailed'],
    [400, 'KMSInvalidState', 'PreconditionFailed'],
    [400, 'KMSNotFound', 'PreconditionFailed'],
    [400, 'InvalidParameter', 'InvalidArgument'],
  ] as const) {
    it(`AWS SNS: ${status} ${name} is ${code}`, async () => {
      const body = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${name}</Code><Message>${quoted}</Message></Error></ErrorResponse>`;
      server.answer = { status, headers: { 'content-type': 'text/xml' }, body };
      assert.equal((await failureOf(() => sns(origin).publish(anEvent))).code, code);
    });
  }

  const glue = (endpoint: string) =>
    new GlueCatalogue(new GlueClient({ ...clientConfig({ region: 'eu-west-2', endpoint }), credentials }), {
      kind: 'glue',
      ...{ region: 'eu-west-2', curatedDatabase: 'c', martsDatabase: 'm', curated: 's3://c', marts: 's3://m' },
    });
  for (const [status, name, code] of [
    [400, 'EntityNotFoundException', 'NotFound'],
    [400, 'AlreadyExistsException', 'AlreadyExists'],
    [400, 'ConcurrentModificationException', 'PreconditionFailed'],
    [400, 'AccessDeniedException', 'PermissionDenied'],
    [400, 'ExpiredTokenException', 'PermissionDenied'],
    [400, 'InvalidInputException', 'InvalidArgument'],
    [400, 'GlueEncryptionException', 'PermissionDenied'],
    [400, 'ResourceNumberLimitExceededException', 'Unavailable'],
    [400, 'OperationTimeoutException', 'Unavailable'],
    [500, 'InternalServiceException', 'Unavailable'],
  ] as const) {
    it(`AWS Glue: ${status} ${name} is ${code}`, async () => {
      server.answer = { status, body: JSON.stringify({ __type: name, Message: quoted }) };
      assert.equal((await failureOf(() => glue(origin).tables())).code, code);
    });
  }

  it('a refusal that breaks off in the middle is Unavailable: nobody knows what it was', async () => {
    const proxy = new FaultProxy(new URL(origin));
    const broken = await proxy.listen();
    proxy.plan = () => ({ kind: 'truncated' });
    const body = `<Error><Code>AccessDenied</Code><Message>${quoted}</Message></Error>`;
    for (const [type, call] of [
      ['application/xml', () => s3Store(broken).read('a')],
      ['application/xml', () => azureStore(broken).read('a')],
      ['text/xml', () => sns(broken).publish(anEvent)],
      ['application/json', () => kms(broken).mac('a', Buffer.from('x'))],
    ] as const) {
      server.answer = {
        status: 400,
        headers: { 'content-type': type, 'content-length': String(body.length) },
        body:
          type === 'application/json' ? JSON.stringify({ __type: 'AccessDeniedException' }).padEnd(body.length) : body,
      };
      assert.equal((await failureOf(call)).code, 'Unavailable', type);
    }
    await proxy.close();
  });

  for (const [name, storeOf] of [
    ['S3', s3Store],
    ['Azure Blob', azureStore],
  ] as const) {
    it(`${name}: nobody answering is Unavailable, whatever the call`, async () => {
      for (const call of Object.values(calls)) {
        assert.equal((await failureOf(() => call(storeOf('http://127.0.0.1:9')))).code, 'Unavailable');
      }
    });
  }

  it('AWS: what the services ask to wait for is Unavailable, whatever their status', () => {
    for (const name of [
      ...['ThrottlingException', 'ThrottledException', 'KMSThrottlingException', 'TooManyRequestsException'],
      ...['ResourceConflictException', 'ResourceNotReadyException'],
    ])
      assert.equal(fromAws({ name, $metadata: { httpStatusCode: 400 } }, {}).code, 'Unavailable', name);
  });

  it('a name that nobody could ask for just now is Unavailable, whatever the vendor', () => {
    const unasked = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
    for (const { code } of [fromS3(unasked), fromAws(unasked, {}), fromPostgres(unasked)])
      assert.equal(code, 'Unavailable');
  });

  for (const [status, code] of [
    [400, 'InvalidArgument'],
    [403, 'PermissionDenied'],
    [404, 'NotFound'],
    [429, 'Unavailable'],
    [500, 'Unavailable'],
    [503, 'Unavailable'],
  ] as const) {
    it(`OpenBao: ${status} is ${code}`, async () => {
      const tokenFile = join(folder, 'token');
      writeFileSync(tokenFile, 'token', { mode: 0o600 });
      server.answer = { status, headers: { 'retry-after': '7' }, body: JSON.stringify({ errors: [quoted] }) };
      const client = new OpenBaoClient({ address: origin, login: { tokenFile } });
      await assert.rejects(client.writeOnce('transit/keys/a', {}), (error) => {
        assert.ok(isLakeError(error, code), String(error));
        assert.ok(!error.message.includes(quoted));
        return error.retryAfterSeconds === (code === 'Unavailable' ? 7 : undefined);
      });
    });
  }

  for (const [state, code] of [
    ['23505', 'AlreadyExists'],
    ['23503', 'InvalidArgument'],
    ['23514', 'InvalidArgument'],
    ['22P02', 'InvalidArgument'],
    ['42601', 'InvalidArgument'],
    ['42501', 'PermissionDenied'],
    ['28P01', 'PermissionDenied'],
    ['25006', 'PermissionDenied'],
    ['3D000', 'InvalidArgument'],
    ['40001', 'Unavailable'],
    ['40P01', 'Unavailable'],
    ['53300', 'Unavailable'],
    ['55P03', 'Unavailable'],
    ['57P01', 'Unavailable'],
    ['57P03', 'Unavailable'],
    ['08006', 'Unavailable'],
    ['XX000', 'Unknown'],
    ['ECONNRESET', 'Unavailable'],
  ] as const) {
    it(`PostgreSQL: ${state} is ${code}`, async () => {
      const error = new DatabaseError(`Key (nhs_number)=(${quoted}) exists`, 0, 'error');
      error.code = state;
      assert.equal((await failureOf(() => Promise.reject(fromPostgres(error)))).code, code);
    });
  }
});
