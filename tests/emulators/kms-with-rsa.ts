import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

const rsaHalves = () => generateKeyPairSync('rsa', { modulusLength: 4096 });

/**
 * Stands before moto's KMS and adds what moto has not: RSA keys that decrypt (moto opens its own symmetric form alone), and
 * key ARNs with public halves (moto gives the id). Everything else passes through. This is our reading of the KMS API
 * reference, no evidence about AWS.
 */
export class KmsWithRsa {
  readonly #moto: string;
  readonly #keys = new Map<string, { readonly arn: string; readonly public: KeyObject; readonly private: KeyObject }>();
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, body } = await this.#answer(request.headers, Buffer.concat(chunks));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  });

  constructor(moto: string) {
    this.#moto = moto;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(headers: IncomingHttpHeaders, body: Buffer): Promise<{ status: number; body: string }> {
    const target = String(headers['x-amz-target'] ?? '');
    const asked = JSON.parse(body.toString() || '{}') as Readonly<Record<string, string>>;
    if (target === 'TrentService.Decrypt' && asked.EncryptionAlgorithm === 'RSAES_OAEP_SHA_256')
      return this.#decrypt(asked);
    const passed = await fetch(this.#moto, {
      method: 'POST',
      headers: {
        'x-amz-target': target,
        'content-type': String(headers['content-type']),
        authorization: String(headers.authorization),
        'x-amz-date': String(headers['x-amz-date']),
      },
      body: new Uint8Array(body),
    });
    const text = await passed.text();
    if (!passed.ok) return { status: passed.status, body: text };
    const told = JSON.parse(text || '{}') as Record<string, unknown>;
    if (target === 'TrentService.CreateKey') {
      const { KeyId, Arn, KeySpec } = told.KeyMetadata as Readonly<Record<string, string>>;
      if (KeySpec === 'RSA_4096') {
        const { publicKey, privateKey } = rsaHalves();
        this.#keys.set(String(KeyId), { arn: String(Arn), public: publicKey, private: privateKey });
      }
    }
    if (target === 'TrentService.GetPublicKey') {
      const key = this.#keys.get(String(told.KeyId));
      if (key !== undefined) {
        told.KeyId = key.arn;
        told.PublicKey = key.public.export({ type: 'spki', format: 'der' }).toString('base64');
      }
    }
    return { status: passed.status, body: JSON.stringify(told) };
  }

  #decrypt({ KeyId = '', CiphertextBlob = '' }: Readonly<Record<string, string>>): { status: number; body: string } {
    const key = this.#keys.get(KeyId.slice(KeyId.lastIndexOf('/') + 1));
    try {
      if (key === undefined) throw new Error('no RSA key of this id');
      const opened = privateDecrypt(
        { key: key.private, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
        Buffer.from(CiphertextBlob, 'base64'),
      );
      return { status: 200, body: JSON.stringify({ KeyId: key.arn, Plaintext: opened.toString('base64') }) };
    } catch {
      return { status: 400, body: JSON.stringify({ __type: 'InvalidCiphertextException' }) };
    }
  }
}
