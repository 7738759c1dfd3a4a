import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, privateDecrypt, sign, verify } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { KMSClient } from '@aws-sdk/client-kms';
import { clientConfig } from '../../../adapters/aws/aws-calls';
import { AwsKmsKeyManagement } from '../../../adapters/aws/aws-kms-key-management';
import { closeServer, listenOnLoopback } from '../../support/loopback-server';

const arn = 'arn:aws:kms:eu-west-2:111122223333:key/11111111-2222-3333-4444-555555555555';
const foreignArn = 'arn:aws:kms:eu-west-2:111122223333:key/99999999-2222-3333-4444-555555555555';
type Asked = Readonly<Record<string, string>>;

/** KMS as far as a test tells it: what was asked is kept, what is answered is said. */
class ToldKms {
  readonly asked: { readonly operation: string; readonly body: Asked }[] = [];
  readonly #server: Server;

  constructor(answers: Readonly<Record<string, (body: Asked) => object>>) {
    const listener: RequestListener = async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
      this.asked.push({ operation, body });
      const answer = answers[operation]?.(body) ?? {};
      response.writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    };
    this.#server = createServer(listener);
  }

  async keys(): Promise<AwsKmsKeyManagement> {
    const endpoint = await listenOnLoopback(this.#server);
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    return new AwsKmsKeyManagement(
      new KMSClient({ ...clientConfig({ region: 'eu-west-2', endpoint }), credentials }),
      'lake',
    );
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  operations(): readonly string[] {
    return this.asked.map(({ operation }) => operation);
  }
}

async function withKms(
  answers: ConstructorParameters<typeof ToldKms>[0],
  work: (keys: AwsKmsKeyManagement, kms: ToldKms) => Promise<void>,
): Promise<void> {
  const described = { DescribeKey: () => ({ KeyMetadata: { KeyId: arn.split('/')[1], Arn: arn } }) };
  const kms = new ToldKms({ ...described, ...answers });
  try {
    await work(await kms.keys(), kms);
  } finally {
    await kms.close();
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const spki = (key: KeyObject): string => base64(key.export({ type: 'spki', format: 'der' }));

describe('AWS KMS', () => {
  it('gives signatures as JWS has them', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const answers = {
      Sign: ({ Message = '' }: Asked) => ({
        KeyId: arn,
        Signature: base64(sign('sha384', Buffer.from(Message, 'base64'), privateKey)),
      }),
    };
    await withKms(answers, async (keys) => {
      const bytes = Buffer.from('checkpoint');
      const signature = await keys.sign('audit', bytes);
      assert.ok(verify('sha384', bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature.bytes));
    });
  });

  it('fills r and s up in front, whatever their lengths: one in 256 is shorter than the others', async () => {
    const longest = Buffer.concat([Buffer.of(0xff), Buffer.alloc(47, 1)]);
    const numbers = [longest, Buffer.alloc(48, 2), Buffer.alloc(47, 3), Buffer.alloc(46, 4), Buffer.of(5)];
    /** An INTEGER of DER: a number whose first bit is set has a zero before it. */
    const integer = (number: Buffer): Buffer => {
      const value = (number[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), number]) : number;
      return Buffer.concat([Buffer.of(0x02, value.length), value]);
    };
    const filled = (number: Buffer): Buffer => Buffer.concat([Buffer.alloc(48 - number.length), number]);
    let der = Buffer.alloc(0);
    await withKms({ Sign: () => ({ KeyId: arn, Signature: base64(der) }) }, async (keys) => {
      for (const r of numbers)
        for (const s of numbers) {
          const both = Buffer.concat([integer(r), integer(s)]);
          der = Buffer.concat([Buffer.of(0x30, both.length), both]);
          const { bytes } = await keys.sign('audit', Buffer.from('x'));
          assert.deepEqual(Buffer.from(bytes), Buffer.concat([filled(r), filled(s)]));
        }
    });
  });

  it('has long messages signed by their digest, and refuses to MAC them', async () => {
    const answers = { Sign: () => ({ KeyId: arn, Signature: base64(Buffer.alloc(104)) }) };
    await withKms(answers, async (keys, kms) => {
      for (const length of [4096, 4097]) await keys.sign('audit', Buffer.alloc(length));
      const sent = kms.asked.filter(({ operation }) => operation === 'Sign').map(({ body }) => body);
      const digest = createHash('sha384').update(Buffer.alloc(4097)).digest();
      assert.deepEqual(
        sent.map(({ MessageType, Message }) => [MessageType, Message]),
        [
          ['RAW', base64(Buffer.alloc(4096))],
          ['DIGEST', base64(digest)],
        ],
      );
      await assert.rejects(keys.mac('macs', Buffer.alloc(4097)), { code: 'InvalidArgument' });
    });
  });

  /** The keys behind aliases, and what is made of them. */
  const versionsOf = (ids: Readonly<Record<string, string>>) => {
    const metadata = (KeyId: string) => ({ KeyMetadata: { KeyId, KeySpec: 'ECC_NIST_P384' } });
    return {
      DescribeKey: ({ KeyId = '' }: Asked) => {
        const id = ids[KeyId.replace('alias/lake/', '')];
        return id === undefined ? { __type: 'NotFoundException' } : metadata(id);
      },
      GetKeyPolicy: () => ({ Policy: '{}' }),
      CreateKey: () => metadata('made'),
    };
  };

  it('has a key deleted that no name could be given to, instead of keeping it without one', async () => {
    const answers = {
      ...versionsOf({ issuer: 'first', 'issuer/1': 'first' }),
      CreateAlias: () => ({ __type: 'AccessDeniedException' }),
    };
    await withKms(answers, async (keys, kms) => {
      await assert.rejects(keys.rotate('issuer'), { code: 'PermissionDenied' });
      const deleted = kms.asked.filter(({ operation }) => operation === 'ScheduleKeyDeletion');
      assert.deepEqual(
        deleted.map(({ body }) => body.KeyId),
        ['made'],
      );
      assert.ok(!kms.operations().includes('UpdateAlias'));
    });
  });

  it('goes on with a rotation that came to its number alone, instead of making another key', async () => {
    const answers = {
      ...versionsOf({ issuer: 'first', 'issuer/1': 'first', 'issuer/2': 'second' }),
      CreateAlias: () => ({ __type: 'AlreadyExistsException' }),
    };
    await withKms(answers, async (keys, kms) => {
      assert.equal(await keys.rotate('issuer'), 2);
      const { body } = kms.asked.find(({ operation }) => operation === 'UpdateAlias') ?? {};
      assert.deepEqual(body, { AliasName: 'alias/lake/issuer', TargetKeyId: 'second' });
      assert.ok(!kms.operations().includes('CreateKey'));
    });
  });

  it('wraps with a public half it has asked for once, as the official RSA keyring does', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const answers = { GetPublicKey: () => ({ KeyId: arn, KeyUsage: 'ENCRYPT_DECRYPT', PublicKey: spki(publicKey) }) };
    await withKms(answers, async (keys, kms) => {
      for (let n = 0; n < 3; n += 1) {
        const { plaintext, encrypted } = await keys.wrapWithPublicKey('identity', { zone: 'identity' });
        assert.equal(encrypted.providerId, 'aws-kms-rsa');
        assert.equal(Buffer.from(encrypted.providerInfo).toString(), arn);
        const opened = privateDecrypt({ key: privateKey, oaepHash: 'sha256' }, encrypted.ciphertext);
        assert.deepEqual(opened, Buffer.from(plaintext));
      }
      assert.deepEqual(kms.operations(), ['GetPublicKey']);
    });
  });

  it('refuses to wrap with the public half of a key that signs', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const answers = { GetPublicKey: () => ({ KeyId: arn, KeyUsage: 'SIGN_VERIFY', PublicKey: spki(publicKey) }) };
    await withKms(answers, async (keys) => {
      await assert.rejects(keys.wrapWithPublicKey('audit', {}), { code: 'InvalidArgument' });
    });
  });

  it('never has a key decrypt that a header names and the caller did not', async () => {
    const known = new Map([
      ['alias/lake/landing', arn],
      ['alias/lake/landing/1', arn],
    ]);
    const answers = {
      DescribeKey: ({ KeyId = '' }: Asked) => {
        const found = known.get(KeyId);
        return found === undefined ? {} : { KeyMetadata: { KeyId: found.split('/')[1], Arn: found } };
      },
      Decrypt: () => ({ KeyId: arn, Plaintext: base64(Buffer.alloc(32)) }),
    };
    await withKms(answers, async (keys, kms) => {
      const refused = { code: 'PermissionDenied' };
      const edk = { providerId: 'aws-kms', providerInfo: Buffer.from(foreignArn), ciphertext: Buffer.alloc(10) };
      await assert.rejects(keys.unwrap('landing', { ...edk, providerId: 'other' }, {}), refused);
      await assert.rejects(keys.unwrap('landing', { ...edk, providerId: 'aws-kms-rsa' }, {}), refused);
      assert.ok(!kms.operations().includes('Decrypt'));
      // The asked key opens it, but the header says that another made it.
      await assert.rejects(keys.unwrap('landing', edk, {}), refused);
      await keys.unwrap('landing', { ...edk, providerInfo: Buffer.from(arn) }, { zone: 'landing' });
      const decrypts = kms.asked.filter(({ operation }) => operation === 'Decrypt').map(({ body }) => body);
      assert.deepEqual(
        decrypts.map(({ KeyId, EncryptionContext }) => [KeyId, EncryptionContext]),
        [
          ['alias/lake/landing', {}],
          ['alias/lake/landing', { zone: 'landing' }],
        ],
      );
    });
  });

  it('opens a data key of a symmetric key by one call: which key made it, KMS knows', async () => {
    const answers = { Decrypt: () => ({ KeyId: arn, Plaintext: base64(Buffer.alloc(32)) }) };
    await withKms(answers, async (keys, kms) => {
      const edk = { providerId: 'aws-kms', providerInfo: Buffer.from(arn), ciphertext: Buffer.alloc(10) };
      await keys.unwrap('landing', edk, {});
      assert.deepEqual(kms.operations(), ['Decrypt']);
    });
  });

  it('takes no setting of the SDK from the environment, after which it would read a home folder at each start', async () => {
    const variables = {
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
      AWS_RETRY_MODE: 'adaptive',
      AWS_AUTH_SCHEME_PREFERENCE: 'sigv4a',
      AWS_SDK_UA_APP_ID: 'other',
      AWS_DISABLE_CLOCK_SKEW_CORRECTION: 'true',
    };
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      const { config } = new KMSClient(clientConfig({ region: 'eu-west-2' }));
      const settings: unknown[] = [
        ...[config.useFipsEndpoint, config.useDualstackEndpoint, config.retryMode],
        ...[config.authSchemePreference, config.userAgentAppId, config.disableClockSkewCorrection],
      ];
      const found = await Promise.all(settings.map((one) => (typeof one === 'function' ? one() : one)));
      assert.deepEqual(found, [false, false, 'standard', [], undefined, false]);
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it('takes no data key of another length', async () => {
    const answers = { Decrypt: () => ({ KeyId: arn, Plaintext: base64(Buffer.alloc(16)) }) };
    await withKms(answers, async (keys) => {
      const edk = { providerId: 'aws-kms', providerInfo: Buffer.from(arn), ciphertext: Buffer.alloc(10) };
      await assert.rejects(keys.unwrap('landing', edk, {}), { code: 'PermissionDenied' });
    });
  });
});
