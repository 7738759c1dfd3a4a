import { execFileSync } from 'node:child_process';
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeServer, listenOnLoopback } from '../support/loopback-server';

interface HeldKey {
  readonly arn: string;
  readonly public: KeyObject;
  readonly private: KeyObject;
  /** The private key for openssl, which signs a digest as it is; Node always hashes. */
  readonly file: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

type Asked = Readonly<Record<string, string>>;

const pairOf: Readonly<Record<string, () => { publicKey: KeyObject; privateKey: KeyObject }>> = {
  RSA_4096: () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
  ECC_NIST_P384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
};

/** The one kind of key that each operation takes. */
const specOf: Readonly<Record<string, readonly string[]>> = {
  GenerateDataKey: ['SYMMETRIC_DEFAULT'],
  GenerateMac: ['HMAC_256'],
  Sign: ['ECC_NIST_P384'],
  GetPublicKey: ['ECC_NIST_P384', 'RSA_4096'],
};

const refused: Answer = { status: 400, body: JSON.stringify({ __type: 'InvalidCiphertextException' }) };
const wrongUse: Answer = { status: 400, body: JSON.stringify({ __type: 'InvalidKeyUsageException' }) };
const ok = (body: object): Answer => ({ status: 200, body: JSON.stringify(body) });
const idOf = (keyId: unknown): string => String(keyId).slice(String(keyId).lastIndexOf('/') + 1);

/**
 * Stands before moto's KMS and holds its asymmetric keys, for what moto does not do as the KMS API reference says: it opens
 * no RSA ciphertext, hashes a digest once more before it signs it, gives an id for the ARN beside a public half, and lets
 * some keys be used for what they are not made for. Keys, aliases, policies, data keys and MACs are moto's. This is our reading of the reference, no evidence about AWS.
 */
export class KmsBesideMoto {
  readonly #moto: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lake-kms-'));
  readonly #keys = new Map<string, HeldKey>();
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, body } = await this.#answer(request.headers, Buffer.concat(chunks));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  });

  constructor(moto: string) {
    this.#moto = moto;
  }

  listen(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  async close(): Promise<void> {
    await closeServer(this.#server);
    rmSync(this.#folder, { recursive: true });
  }

  async #answer(headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    const operation = String(headers['x-amz-target'] ?? '').replace('TrentService.', '');
    const asked = JSON.parse(body.toString() || '{}') as Asked;
    if (operation === 'Decrypt' && asked.EncryptionAlgorithm === 'RSAES_OAEP_SHA_256') return this.#decrypt(asked);
    const specs = specOf[operation];
    if (specs !== undefined) {
      const found = await this.#pass(
        { ...headers, 'x-amz-target': 'TrentService.DescribeKey' },
        JSON.stringify({ KeyId: asked.KeyId }),
      );
      if (found.status !== 200) return found;
      const { KeyMetadata } = JSON.parse(found.body) as { readonly KeyMetadata: Asked };
      if (!specs.includes(KeyMetadata.KeySpec ?? '')) return wrongUse;
    }
    const passed = await this.#pass(headers, body);
    if (passed.status !== 200) return passed;
    const told = (JSON.parse(passed.body || '{}') ?? {}) as Record<string, unknown>;
    if (operation === 'CreateKey') this.#hold(told.KeyMetadata as Asked);
    const key = this.#keys.get(idOf(told.KeyId));
    if (key === undefined) return passed;
    if (operation === 'GetPublicKey')
      return ok({
        ...told,
        KeyId: key.arn,
        PublicKey: key.public.export({ type: 'spki', format: 'der' }).toString('base64'),
      });
    if (operation === 'Sign') return ok({ ...told, KeyId: key.arn, Signature: signed(key, asked).toString('base64') });
    return passed;
  }

  async #pass(headers: IncomingHttpHeaders, body: Buffer | string): Promise<Answer> {
    const kept = ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'];
    const passed = await fetch(this.#moto, {
      method: 'POST',
      headers: Object.fromEntries(kept.map((name) => [name, String(headers[name])])),
      body: String(body),
    });
    return { status: passed.status, body: await passed.text() };
  }

  #hold({ KeyId = '', Arn = '', KeySpec = '' }: Asked): void {
    const pair = pairOf[KeySpec]?.();
    if (pair === undefined) return;
    const file = join(this.#folder, KeyId);
    writeFileSync(file, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    this.#keys.set(KeyId, { arn: Arn, public: pair.publicKey, private: pair.privateKey, file });
  }

  #decrypt({ KeyId, CiphertextBlob = '' }: Asked): Answer {
    const key = this.#keys.get(idOf(KeyId));
    if (key === undefined) return refused;
    try {
      const opened = privateDecrypt(
        { key: key.private, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
        Buffer.from(CiphertextBlob, 'base64'),
      );
      return ok({ KeyId: key.arn, Plaintext: opened.toString('base64') });
    } catch {
      return refused;
    }
  }
}

function signed({ private: key, file }: HeldKey, { Message = '', MessageType }: Asked): Buffer {
  const message = Buffer.from(Message, 'base64');
  if (MessageType !== 'DIGEST') return sign('sha384', message, key);
  return execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', file], { input: message });
}
