import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import type { EncryptionContext } from '../../adapters/ports/key-management';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';

/** One key as both sides know it. */
interface SharedKey {
  readonly kind: 'aes' | 'rsa';
  readonly namespace: string;
  readonly name: string;
  /** Raw bytes, or PKCS #8 PEM. */
  readonly secret: Buffer;
}

interface Opened {
  readonly body: Buffer;
  readonly context: EncryptionContext;
}

/** The official SDK of one language. */
interface OfficialSdk {
  open(key: SharedKey, message: Buffer): Promise<Opened>;
  seal(key: SharedKey, body: Buffer, context: EncryptionContext, frameLength: number): Promise<Buffer>;
}

/** The part of `@aws-crypto/client-node` 5 that is used; it is no dependency of the lake. */
interface JavaScriptSdk {
  buildClient(policy: string): {
    encrypt(keyring: object, body: Buffer, options: object): Promise<{ result: Buffer }>;
    decrypt(
      keyring: object,
      body: Buffer,
    ): Promise<{ plaintext: Buffer; messageHeader: { encryptionContext: EncryptionContext } }>;
  };
  RawAesKeyringNode: new (options: object) => object;
  RawRsaKeyringNode: new (options: object) => object;
  RawAesWrappingSuiteIdentifier: { AES256_GCM_IV12_TAG16_NO_PADDING: number };
  AlgorithmSuiteIdentifier: { ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY: number };
}

function javaScriptSdk(folder: string): OfficialSdk {
  const sdk = createRequire(join(folder, 'package.json'))('@aws-crypto/client-node') as JavaScriptSdk;
  const client = sdk.buildClient('REQUIRE_ENCRYPT_REQUIRE_DECRYPT');
  const keyring = ({ kind, namespace, name, secret }: SharedKey): object => {
    const common = { keyNamespace: namespace, keyName: name };
    if (kind === 'rsa') {
      const privateKey = secret.toString();
      const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' });
      return new sdk.RawRsaKeyringNode({ ...common, rsaKey: { privateKey, publicKey }, oaepHash: 'sha256' });
    }
    const wrappingSuite = sdk.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING;
    // The SDK wants memory that is not shared with Node's buffer pool.
    const unencryptedMasterKey = new Uint8Array(secret);
    // Without utf8Sorting this SDK sorts by locale and fails on names beyond lower-case ASCII, its own messages in other
    // languages included (aws/aws-encryption-sdk-javascript#428). The contexts of the lake sort alike both ways.
    return new sdk.RawAesKeyringNode({ ...common, unencryptedMasterKey, wrappingSuite, utf8Sorting: true });
  };
  return {
    async open(key, message) {
      const { plaintext, messageHeader } = await client.decrypt(keyring(key), message);
      return { body: plaintext, context: { ...messageHeader.encryptionContext } };
    },
    async seal(key, body, context, frameLength) {
      const suiteId = sdk.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
      const options = { encryptionContext: context, frameLength, suiteId };
      return (await client.encrypt(keyring(key), body, options)).result;
    },
  };
}

function pythonSdk(python: string): OfficialSdk {
  const ask = (key: SharedKey, request: object, body: Buffer): Opened => {
    const input = JSON.stringify({
      ...key,
      secret: key.secret.toString('base64'),
      body: body.toString('base64'),
      ...request,
    });
    const output = execFileSync(python, [join(__dirname, 'encryption-sdk.py')], {
      input,
      maxBuffer: 1e8,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const answer = JSON.parse(output.toString()) as { body: string; context: EncryptionContext };
    return { body: Buffer.from(answer.body, 'base64'), context: answer.context };
  };
  return {
    open: async (key, message) => ask(key, { verb: 'open' }, message),
    seal: async (key, body, context, frameLength) => ask(key, { verb: 'seal', context, frameLength }, body).body,
  };
}

/** One process for all requests: a JVM takes a second to start. */
function javaSdk(folder: string): OfficialSdk {
  const jvm = spawn(
    process.env.LAKE_JAVA ?? 'java',
    ['-cp', join(folder, '*'), join(__dirname, 'encryption-sdk.java')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const answers = createInterface({ input: jvm.stdout })[Symbol.asyncIterator]();
  const ask = async (...fields: readonly (string | Buffer)[]): Promise<Opened> => {
    jvm.stdin.write(`${fields.map((field) => Buffer.from(field).toString('base64')).join(' ')}\n`);
    const { value } = await answers.next();
    const [body, context] = String(value).split(' ');
    if (body === undefined || context === undefined) throw new RangeError('refused');
    const parts = Buffer.from(context, 'base64').toString().split('\0');
    const pairs = Array.from({ length: (parts.length - 1) / 2 }, (_, at) => [parts[2 * at]!, parts[2 * at + 1]!]);
    return { body: Buffer.from(body, 'base64'), context: Object.fromEntries(pairs) };
  };
  const keyFields = ({ kind, namespace, name, secret }: SharedKey) => [kind, namespace, name, secret] as const;
  return {
    open: (key, message) => ask('open', ...keyFields(key), message, '4096', ''),
    seal: async (key, body, context, frameLength) => {
      const text = Object.entries(context)
        .map(([name, value]) => `${name}\0${value}\0`)
        .join('');
      return (await ask('seal', ...keyFields(key), body, String(frameLength), text)).body;
    },
  };
}

const lengths = [0, 1, 2048, 65535, 65536, 65537, 200_001];
const contexts: EncryptionContext[] = [
  {},
  { zone: 'landing', provider: 'A1B2C', retention: 'gp-record' },
  { purpose: 'naïve – 名前', z: 'Z', 𝒶: 'beyond the basic plane', '\uff5e': 'sorted by bytes, not by UTF-16' },
];

for (const [language, variable, needs, make] of [
  ['JavaScript', 'LAKE_ESDK_JS', 'a folder that has @aws-crypto/client-node', javaScriptSdk],
  ['Python', 'LAKE_ESDK_PYTHON', 'a python that has aws-encryption-sdk', pythonSdk],
  ['Java', 'LAKE_ESDK_JAVA', 'a folder with the jars of com.amazonaws:aws-encryption-sdk-java 2 (Java 17)', javaSdk],
] as const) {
  describe(`AWS Encryption SDK for ${language}`, function () {
    this.timeout(120_000);
    const where = process.env[variable];
    if (where === undefined) {
      it(`is not run: set ${variable} to ${needs}`, function () {
        this.skip();
      });
      return;
    }
    const sdk = make(where);
    const folder = mkdtempSync(join(tmpdir(), 'lake-interop-'));
    after(() => rmSync(folder, { recursive: true }));

    for (const kind of ['aes', 'rsa'] as const) {
      const secret =
        kind === 'aes'
          ? randomBytes(32)
          : Buffer.from(
              String(
                generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
              ),
            );
      const key: SharedKey = { kind, namespace: 'nhs-data-lake', name: `${kind}.1`, secret };
      const use = kind === 'aes' ? 'dataKeys' : 'publicKeyWrap';
      const file = { use, secret: secret.toString(kind === 'aes' ? 'base64' : 'utf8') };
      writeFileSync(join(folder, `${kind}.1.json`), JSON.stringify(file), { mode: 0o600 });
      const keys = new FileKeyManagement(folder);
      const ours = new EnvelopeEncryption({
        ...(kind === 'aes'
          ? { generateDataKey: (context: EncryptionContext) => keys.generateDataKey(kind, context) }
          : { wrapWithPublicKey: (context: EncryptionContext) => keys.wrapWithPublicKey(kind, context) }),
        unwrap: (encrypted, context) => keys.unwrap(kind, encrypted, context),
      });

      it(`opens what we seal under ${kind}, whole and streamed`, async () => {
        for (const [index, length] of lengths.entries()) {
          const body = randomBytes(length);
          const context = contexts[index % contexts.length]!;
          const streamed: Uint8Array[] = [];
          for await (const chunk of ours.sealStream(inPieces(body), context)) streamed.push(chunk);
          for (const message of [await ours.seal(body, context), Buffer.concat(streamed)]) {
            const opened = await sdk.open(key, Buffer.from(message));
            assert.ok(opened.body.equals(body), `${length} bytes`);
            assert.deepEqual(opened.context, context);
          }
        }
      });

      it(`what it seals under ${kind} we open, whole and streamed`, async () => {
        for (const [index, length] of lengths.entries()) {
          const body = randomBytes(length);
          const context = contexts[index % contexts.length]!;
          const message = await sdk.seal(key, body, context, index % 2 === 0 ? 4096 : 65536);
          assert.ok(Buffer.from(await ours.open(message, context)).equals(body), `${length} bytes`);
          const streamed: Uint8Array[] = [];
          for await (const chunk of ours.openStream(inPieces(message), context)) streamed.push(chunk);
          assert.ok(Buffer.concat(streamed).equals(body), `${length} bytes streamed`);
        }
      });

      it(`refuses our message under ${kind} when one bit of it changed`, async () => {
        const message = Buffer.from(await ours.seal(Buffer.from('clinical'), contexts[1]!));
        message[message.length - 20]! ^= 1;
        await assert.rejects(sdk.open(key, message));
      });
    }
  });
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
}
