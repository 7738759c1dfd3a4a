import { constants, createHash, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  type KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { keyCapabilities } from '../capabilities';
import { LakeError } from '../ports/errors';
import type {
  DataKey,
  EncryptedDataKey,
  EncryptionContext,
  KeyManagement,
  KeyManagementCapability,
  KeyUse,
  PublicKey,
  Signature,
} from '../ports/key-management';
import { serialiseContext } from '../shared/encryption-context';
import type { AwsCalls } from './aws-calls';
import { KmsKeyVersions, keyIdOf, kmsCalls, kmsSpecs } from './kms-key-versions';

/** Key providers of the AWS KMS keyring and of the AWS KMS RSA keyring of the AWS Encryption SDK; their info is the key's ARN. */
const symmetricProvider = 'aws-kms';
const rsaProvider = 'aws-kms-rsa';
const dataKeyBytes = 32;
const coordinateBytes = 48;
/** Bytes that KMS signs or MACs as they are (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html). */
const longestMessage = 4096;
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
/** A public half that is used to wrap is asked for again after this; what an older version wrapped opens for ever. */
const publicHalfMilliseconds = 5 * 60_000;

interface PublicHalf {
  readonly pem: string;
  readonly arn: string;
  readonly asked: number;
}

/**
 * Keys in AWS KMS: they never leave it. A data key is made there, its context bound in, and is wrapped as the official AWS
 * KMS keyring does, so that the official SDKs open an object with the rights to the key alone. With a public half it is
 * wrapped here, as the official AWS KMS RSA keyring does; that form binds no context by itself, the header of the message
 * does.
 */
export class AwsKmsKeyManagement implements KeyManagement {
  readonly capabilities: ReadonlySet<KeyManagementCapability> = new Set(keyCapabilities['aws-kms']);
  readonly #client: KMSClient;
  readonly #calls: AwsCalls = kmsCalls();
  readonly #versions: KmsKeyVersions;
  readonly #publicHalves = new Map<string, PublicHalf>();

  /** @param aliasPrefix keys are found as `alias/<aliasPrefix>/<name>`. */
  constructor(client: KMSClient, aliasPrefix: string) {
    this.#client = client;
    this.#versions = new KmsKeyVersions(client, aliasPrefix, this.#calls);
  }

  /** Makes a key unless there is one; for whoever sets a lake up, no function of it may. */
  createKey(name: string, use: KeyUse): Promise<void> {
    return this.#versions.create(name, use);
  }

  async generateDataKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    serialiseContext(context);
    const { KeyId, Plaintext, CiphertextBlob } = await this.#calls.repeat((options) =>
      this.#client.send(
        new GenerateDataKeyCommand({
          KeyId: this.#versions.alias(keyName),
          KeySpec: 'AES_256',
          EncryptionContext: { ...context },
        }),
        options,
      ),
    );
    if (KeyId === undefined || Plaintext === undefined || CiphertextBlob === undefined) throw cutShort();
    return {
      plaintext: Plaintext,
      encrypted: { providerId: symmetricProvider, providerInfo: Buffer.from(KeyId), ciphertext: CiphertextBlob },
    };
  }

  async wrapWithPublicKey(keyName: string, context: EncryptionContext): Promise<DataKey> {
    serialiseContext(context);
    const known = this.#publicHalves.get(keyName);
    const fresh = known !== undefined && Date.now() < known.asked + publicHalfMilliseconds;
    const { pem, arn } = fresh ? known : await this.#askPublicHalf(keyName, undefined, kmsSpecs.publicKeyWrap.KeyUsage);
    const plaintext = randomBytes(dataKeyBytes);
    const ciphertext = publicEncrypt({ key: pem, ...oaep }, plaintext);
    return { plaintext, encrypted: { providerId: rsaProvider, providerInfo: Buffer.from(arn), ciphertext } };
  }

  async unwrap(keyName: string, encrypted: EncryptedDataKey, context: EncryptionContext): Promise<Uint8Array> {
    const arn = Buffer.from(encrypted.providerInfo).toString('latin1');
    // The header may be anybody's: only the asked key is ever called, or a version of it.
    const { providerId } = encrypted;
    const rsa = providerId === rsaProvider;
    if (!rsa && providerId !== symmetricProvider) throw ofAnotherKey();
    if (rsa && (await this.#versions.numberOf(keyName, arn)) === undefined) throw ofAnotherKey();
    const command = new DecryptCommand({
      CiphertextBlob: encrypted.ciphertext,
      // A symmetric key is one key whatever its material (KmsKeyVersions), and KMS refuses what another one made.
      ...(rsa
        ? { KeyId: keyIdOf(arn), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }
        : { KeyId: this.#versions.alias(keyName), EncryptionContext: { ...context } }),
    });
    const { KeyId = '', Plaintext } = await this.#calls
      .repeat((options) => this.#client.send(command, options))
      .catch((error: Error) => {
        const { name = '' } = (error.cause ?? {}) as { readonly name?: string };
        throw opensNothing.includes(name) ? doesNotOpen(error.cause) : error;
      });
    if (Plaintext?.length !== dataKeyBytes) throw doesNotOpen();
    if (keyIdOf(KeyId) !== keyIdOf(arn)) {
      Plaintext.fill(0);
      throw ofAnotherKey();
    }
    return Plaintext;
  }

  async sign(keyName: string, bytes: Uint8Array): Promise<Signature> {
    const digest = bytes.byteLength > longestMessage;
    const { KeyId, Signature: der } = await this.#calls.repeat((options) =>
      this.#client.send(
        new SignCommand({
          KeyId: this.#versions.alias(keyName),
          SigningAlgorithm: 'ECDSA_SHA_384',
          MessageType: digest ? 'DIGEST' : 'RAW',
          Message: digest ? createHash('sha384').update(bytes).digest() : bytes,
        }),
        options,
      ),
    );
    if (KeyId === undefined || der === undefined) throw cutShort();
    const version = await this.#numbered(keyName, KeyId);
    return { keyName, version, algorithm: 'ES384', bytes: sideBySide(Buffer.from(der)) };
  }

  async publicKey(keyName: string, version?: number): Promise<PublicKey> {
    const { pem, arn } = await this.#askPublicHalf(keyName, version);
    return { pem, keyName, version: version ?? (await this.#numbered(keyName, arn)) };
  }

  async mac(keyName: string, bytes: Uint8Array): Promise<Uint8Array> {
    if (bytes.byteLength > longestMessage)
      throw new LakeError('InvalidArgument', `The key service MACs ${longestMessage} bytes at most. Send a digest.`);
    const { Mac } = await this.#calls.repeat((options) =>
      this.#client.send(
        new GenerateMacCommand({
          KeyId: this.#versions.alias(keyName),
          MacAlgorithm: 'HMAC_SHA_256',
          Message: bytes,
        }),
        options,
      ),
    );
    if (Mac === undefined) throw cutShort();
    return Mac;
  }

  async rotate(keyName: string): Promise<number> {
    this.#publicHalves.delete(keyName);
    return this.#versions.rotate(keyName);
  }

  async #askPublicHalf(keyName: string, version?: number, usage?: string): Promise<PublicHalf> {
    const { KeyId, KeyUsage, PublicKey } = await this.#calls.repeat((options) =>
      this.#client.send(new GetPublicKeyCommand({ KeyId: this.#versions.alias(keyName, version) }), options),
    );
    if (KeyId === undefined || PublicKey === undefined) throw cutShort();
    if (usage !== undefined && KeyUsage !== usage)
      throw new LakeError(
        'InvalidArgument',
        `The key ${keyName} is not made for publicKeyWrap, and each key has one use.`,
      );
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    const half = { pem: String(key.export({ type: 'spki', format: 'pem' })), arn: KeyId, asked: Date.now() };
    if (usage !== undefined) this.#publicHalves.set(keyName, half);
    return half;
  }

  async #numbered(keyName: string, arn: string): Promise<number> {
    const version = await this.#versions.numberOf(keyName, arn);
    if (version !== undefined) return version;
    throw new LakeError('PreconditionFailed', `The key ${keyName} has no alias for its version. Give it one first.`);
  }
}

/** The DER form of an ECDSA signature (RFC 3279 section 2.2.3) as JWS has it: r and s side by side (RFC 7518 section 3.4). */
function sideBySide(der: Buffer): Buffer {
  const out = Buffer.alloc(2 * coordinateBytes);
  // SEQUENCE, its length (under 128 for this curve), then two INTEGERs with a sign byte before a high bit.
  let at = 2;
  for (const half of [0, 1]) {
    const length = der[at + 1] ?? 0;
    const integer = der.subarray(at + 2, at + 2 + length);
    const value = integer.subarray(Math.max(0, integer.length - coordinateBytes));
    value.copy(out, (half + 1) * coordinateBytes - value.length);
    at += 2 + length;
  }
  return out;
}

/** What KMS says of a ciphertext that is spoilt, or another key's. */
const opensNothing: readonly string[] = [
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'InvalidKeyUsageException',
];

const ofAnotherKey = (): LakeError =>
  new LakeError(
    'PermissionDenied',
    'The data key was wrapped under another key. Open it with the key it was made with.',
  );

const doesNotOpen = (cause?: unknown): LakeError =>
  new LakeError(
    'PermissionDenied',
    'The data key does not open: its bytes or its encryption context are not those it was made with.',
    { cause },
  );

const cutShort = (): LakeError =>
  new LakeError('Unavailable', 'The key service ended its answer too early. Repeat later.');
