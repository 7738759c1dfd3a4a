import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KeyMetadata,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { isLakeError, LakeError } from '../ports/errors';
import type { KeyUse } from '../ports/key-management';
import { AwsCalls } from './aws-calls';

/** What a key is made as, by the one use the lake gives it. */
export const kmsSpecs = {
  dataKeys: { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' },
  publicKeyWrap: { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' },
  sign: { KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' },
  mac: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
} as const satisfies Readonly<Record<KeyUse, object>>;

const messages = {
  NotFound: 'The key service has no such key. Check the name, the alias prefix and the region.',
  AlreadyExists: 'The key service has a key of this name already.',
  PreconditionFailed: 'The key is disabled or awaits its deletion. Enable it, or bind another.',
  PermissionDenied:
    'The key service refuses this function the key or the operation. Check its role and the key policy.',
  InvalidArgument: 'The key service does not take the call as it is: each key has one use.',
  Unavailable: 'The key service did not answer in time or is busy. Repeat later.',
};

/** Calls of KMS, in the words of the KeyManagement port. */
export const kmsCalls = (): AwsCalls => new AwsCalls(messages);

/** The part of a key ARN behind `key/`; an id stays as it is. */
export const keyIdOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/**
 * The versions of a named key. `alias/<prefix>/<name>` is the newest, `alias/<prefix>/<name>/<number>` each one for ever.
 * KMS rotates the material of symmetric keys inside one key; asymmetric and HMAC keys it does not rotate at all
 * (https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html), so there a new version is a new key.
 */
export class KmsKeyVersions {
  readonly #client: KMSClient;
  readonly #prefix: string;
  readonly #calls: AwsCalls;
  /** By the name of the key, its ids in the order of versions: what has a number keeps it, so it is never asked for twice. */
  readonly #ids = new Map<string, string[]>();

  constructor(client: KMSClient, prefix: string, calls: AwsCalls) {
    this.#client = client;
    this.#calls = calls;
    this.#prefix = prefix;
  }

  /** The alias of a key, or of one version of it. */
  alias(keyName: string, version?: number): string {
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(keyName))
      throw new LakeError('InvalidArgument', 'A key name is lower case letters, digits and hyphens.');
    return `alias/${this.#prefix}/${keyName}${version === undefined ? '' : `/${version}`}`;
  }

  /** The number of the version with this key id or ARN; none when it is no version of this key. */
  async numberOf(keyName: string, arn: string): Promise<number | undefined> {
    const ids = this.#ids.get(keyName) ?? [];
    this.#ids.set(keyName, ids);
    const known = ids.indexOf(keyIdOf(arn));
    if (known >= 0) return known + 1;
    for (;;) {
      const number = ids.length + 1;
      const id = (await this.#describe(this.alias(keyName, number)))?.KeyId;
      if (id === undefined) {
        // Tells a key without versions from one that is not there.
        if (number === 1)
          await this.#calls.repeat((options) =>
            this.#client.send(new DescribeKeyCommand({ KeyId: this.alias(keyName) }), options),
          );
        return undefined;
      }
      ids[number - 1] = id;
      if (id === keyIdOf(arn)) return number;
    }
  }

  /** Makes the first version unless there is one; `InvalidArgument` when the key is there for another use. */
  async create(keyName: string, use: KeyUse): Promise<void> {
    const there = await this.#describe(this.alias(keyName, 1));
    if (there === undefined) await this.#add(keyName, 1, kmsSpecs[use]);
    else if (there.KeySpec !== kmsSpecs[use].KeySpec)
      throw new LakeError('InvalidArgument', `The key ${keyName} is made for another use, and each key has one use.`);
    // Also after a crash between the two aliases.
    else if ((await this.#describe(this.alias(keyName))) === undefined)
      await this.#name(this.alias(keyName), there.KeyId ?? '');
  }

  /** Gives the number of the new version; for symmetric keys the number of the key's material. */
  async rotate(keyName: string): Promise<number> {
    const { KeyMetadata } = await this.#calls.repeat((options) =>
      this.#client.send(new DescribeKeyCommand({ KeyId: this.alias(keyName) }), options),
    );
    const { KeyId = '', KeySpec, KeyUsage } = KeyMetadata ?? {};
    if (KeySpec === kmsSpecs.dataKeys.KeySpec) {
      await this.#calls.once((options) => this.#client.send(new RotateKeyOnDemandCommand({ KeyId }), options));
      return (await this.#rotations(KeyId)) + 1;
    }
    const newest = await this.numberOf(keyName, KeyId);
    if (newest === undefined)
      throw new LakeError('PreconditionFailed', `The key ${keyName} has no alias for its version. Give it one first.`);
    const begun = await this.#describe(this.alias(keyName, newest + 1));
    if (begun !== undefined) {
      // A rotation before this one came to its number, and no further.
      await this.#name(this.alias(keyName), begun.KeyId ?? '');
      return newest + 1;
    }
    const policy = await this.#calls.repeat((options) =>
      this.#client.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }), options),
    );
    await this.#add(keyName, newest + 1, { KeySpec, KeyUsage, Policy: policy.Policy });
    return newest + 1;
  }

  /** The number first: whoever gets it has the version, and a second that rotates at once loses and leaves no key behind. */
  async #add(
    keyName: string,
    number: number,
    { KeySpec, KeyUsage, Policy }: Pick<KeyMetadata, 'KeySpec' | 'KeyUsage'> & { readonly Policy?: string | undefined },
  ): Promise<void> {
    const Description = `${this.#prefix}/${keyName}, version ${number}`;
    const { KeyMetadata: made } = await this.#calls.once((options) =>
      this.#client.send(new CreateKeyCommand({ KeySpec, KeyUsage, Policy, Description }), options),
    );
    const KeyId = made?.KeyId ?? '';
    const AliasName = this.alias(keyName, number);
    try {
      await this.#calls.repeat((options) =>
        this.#client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }), options),
      );
    } catch (error) {
      // A repeat whose first try had arrived meets its own alias.
      if ((await this.#describe(AliasName))?.KeyId !== KeyId) {
        await this.#discard(KeyId);
        if (isLakeError(error, 'AlreadyExists')) return;
        throw error;
      }
    }
    await this.#name(this.alias(keyName), KeyId);
  }

  /**
   * A key that never had a name has wrapped and signed nothing. One whose maker died before it could name it is not looked for: anybody
   * who may make keys could lay one there. Keys of a stack are Pulumi's, which knows them also without an alias.
   */
  async #discard(KeyId: string): Promise<void> {
    await this.#calls.repeat((options) =>
      this.#client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }), options),
    );
  }

  async #name(AliasName: string, TargetKeyId: string): Promise<void> {
    try {
      await this.#calls.repeat((options) =>
        this.#client.send(new CreateAliasCommand({ AliasName, TargetKeyId }), options),
      );
    } catch (error) {
      if (!isLakeError(error, 'AlreadyExists')) throw error;
      await this.#calls.repeat((options) =>
        this.#client.send(new UpdateAliasCommand({ AliasName, TargetKeyId }), options),
      );
    }
  }

  async #describe(KeyId: string): Promise<KeyMetadata | undefined> {
    try {
      return (await this.#calls.repeat((options) => this.#client.send(new DescribeKeyCommand({ KeyId }), options)))
        .KeyMetadata;
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #rotations(KeyId: string): Promise<number> {
    let count = 0;
    let Marker: string | undefined;
    do {
      const page = await this.#calls.repeat((options) =>
        this.#client.send(new ListKeyRotationsCommand({ KeyId, Marker }), options),
      );
      count += page.Rotations?.length ?? 0;
      Marker = page.Truncated === true ? page.NextMarker : undefined;
    } while (Marker !== undefined);
    return count;
  }
}
