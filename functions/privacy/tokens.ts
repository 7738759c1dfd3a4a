import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import { isNhsNumberSystem, nhsNumberSystem, readNhsNumber } from './nhs-number';

/** One version of the pseudonym key. Held in memory only; never in an environment, a file or a log. */
export interface PseudonymKey {
  /** 1 to 255: the first byte of every token. */
  readonly version: number;
  /** A secret key of at least 32 bytes. */
  readonly key: KeyObject;
}

/** Separates the parts of a keyed message. FHIR strings cannot hold it (R4 datatypes: no control characters), so parts cannot run together. */
const separator = '\x1f';

const keyBytes = 32;

interface KeyVersion {
  readonly version: number;
  readonly prefix: Buffer;
  readonly identifiers: KeyObject;
  /** A key of its own, so that no business identifier a sender makes up can hit the pseudonym of a logical id. */
  readonly logicalIds: KeyObject;
  readonly digests: KeyObject;
  /** Makes what the version before made into this version's. */
  readonly lifts: KeyObject;
}

export interface TokeniserOptions {
  /** What the version before made is not all re-mapped yet: look-ups ask under both. */
  readonly rotating?: boolean;
}

/** HKDF-SHA-256 (RFC 5869) with a label per purpose: knowing one derived key tells nothing of another or of the root. */
function derive(root: KeyObject, label: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', root, Buffer.alloc(0), label, keyBytes)));
}

function checkKey(key: KeyObject, name: string): void {
  if (key.type !== 'secret' || (key.symmetricKeySize ?? 0) < keyBytes) {
    throw new LakeError(
      'InvalidArgument',
      `The ${name} is not a secret key of at least ${keyBytes} bytes. Give one made by KeyManagement.`,
    );
  }
}

/** An identifier as tokens see it: retired systems mapped to the present one, NHS numbers as ten digits. */
export function normaliseIdentifier(system: string, value: string): { system: string; value: string } {
  if (!isNhsNumberSystem(system)) return { system, value };
  const reading = readNhsNumber(value);
  return { system: nhsNumberSystem, value: reading.kind === 'valid' ? reading.value : value.trim() };
}

/**
 * Makes pseudonyms: `token = version byte | HMAC-SHA-256(key, system | 0x1F | value)` as base64url (RFC 4648 section 5).
 *
 * Versions of the key are a chain: a token of version n is `n | HMAC(lift key of n, token of version n - 1)`. So what an older
 * version made becomes the newest version's by the key alone, wherever it stands, without the value it stands for (`lift`);
 * and who learns an older key cannot test a guess against what was re-mapped since.
 *
 * While a rotation re-maps, two versions live: tokens are made with the newest key, look-ups ask under both (`tokensFor`,
 * `rekeyCandidates`).
 */
export class Tokeniser {
  /** The oldest first. */
  readonly #chain: readonly KeyVersion[];
  readonly #living: 1 | 2;

  /** @param keys every version of the key there was, the newest first. */
  constructor(keys: readonly PseudonymKey[], { rotating = false }: TokeniserOptions = {}) {
    this.#chain = keys.map(keyVersion).reverse();
    if (this.#chain.length === 0)
      throw new LakeError('InvalidArgument', 'There is no pseudonym key. Give at least one.');
    if (this.#chain.some(({ version }, index) => index > 0 && version <= this.#chain[index - 1]!.version))
      throw new LakeError(
        'InvalidArgument',
        'Pseudonym keys are given by descending version, each version once. Give each its own.',
      );
    this.#living = rotating && this.#chain.length > 1 ? 2 : 1;
  }

  get version(): number {
    return this.#chain.at(-1)!.version;
  }

  /** Key of digests under the newest key. */
  get digestKey(): KeyObject {
    return this.#chain.at(-1)!.digests;
  }

  /** The token of a business identifier under the newest key. */
  tokenFor(system: string, value: string): string {
    return this.#identifier(system, value, 1)[0]!.toString('base64url');
  }

  /** The tokens of a business identifier under every living key, the newest first: what a look-up asks for. */
  tokensFor(system: string, value: string): readonly string[] {
    return this.#identifier(system, value, this.#living).map((bytes) => bytes.toString('base64url'));
  }

  /** The logical id of a provider's resource in the lake: a FHIR id ([A-Za-z0-9.-]{1,64}) that only the key can repeat. */
  rekey(provider: string, type: string, id: string): string {
    return idText(this.#logicalId(provider, type, id, 1)[0]!);
  }

  /** The logical id under every living key, the newest first. */
  rekeyCandidates(provider: string, type: string, id: string): readonly string[] {
    return this.#logicalId(provider, type, id, this.#living).map(idText);
  }

  /** The digest of a request under every living key, the newest first: what tells a repeat from another request. */
  digestsOf(route: string, body: string): readonly string[] {
    const base = createHmac('sha256', this.#chain[0]!.digests).update(route).update('\n').update(body).digest();
    return this.#versionsOf(Buffer.concat([this.#chain[0]!.prefix, base]), this.#living).map(digestText);
  }

  /** A token of any version, as the newest version makes it; text that is none stays as it is. */
  liftToken(token: string): string {
    return this.#lifted(Buffer.from(token, 'base64url'))?.toString('base64url') ?? token;
  }

  /** A re-keyed id of any version, as the newest version makes it. */
  liftId(id: string): string {
    const lifted = this.#lifted(Buffer.from(id.replaceAll('.', '_'), 'base64url'));
    return lifted === undefined ? id : idText(lifted);
  }

  /** The digest of a request, as the newest version makes it. */
  liftDigest(digest: string): string {
    const lifted = this.#lifted(digestBytes(digest));
    return lifted === undefined ? digest : digestText(lifted);
  }

  #identifier(system: string, value: string, living: number): readonly Buffer[] {
    const identifier = normaliseIdentifier(system, value);
    return this.#versionsOf(identifierToken(this.#chain[0]!, identifier.system, identifier.value), living);
  }

  #logicalId(provider: string, type: string, id: string, living: number): readonly Buffer[] {
    const { logicalIds, prefix } = this.#chain[0]!;
    const base = macWith(logicalIds, prefix, `${provider}${separator}${type}${separator}${id}`);
    return this.#versionsOf(base, living);
  }

  /** What the first version made, under the newest versions. */
  #versionsOf(base: Buffer, living: number): readonly Buffer[] {
    const made = [base];
    for (const { lifts, prefix } of this.#chain.slice(1)) made.unshift(macWith(lifts, prefix, made[0]!));
    return made.slice(0, living);
  }

  #lifted(bytes: Buffer): Buffer | undefined {
    const made = this.#chain.findIndex(({ version }) => version === bytes[0]);
    if (made === -1 || made === this.#chain.length - 1 || bytes.length !== 1 + keyBytes) return undefined;
    return this.#chain.slice(made + 1).reduce((below, { lifts, prefix }) => macWith(lifts, prefix, below), bytes);
  }
}

function keyVersion({ version, key }: PseudonymKey): KeyVersion {
  checkKey(key, 'pseudonym key');
  if (!Number.isInteger(version) || version < 1 || version > 255) {
    throw new LakeError(
      'InvalidArgument',
      'The version of a pseudonym key must be a whole number from 1 to 255: it is one byte of each token.',
    );
  }
  return {
    version,
    prefix: Buffer.of(version),
    identifiers: key,
    logicalIds: derive(key, 'lake logical ids 1'),
    digests: requestDigestKey(key),
    lifts: derive(key, 'lake key rotation 1'),
  };
}

function macWith(key: KeyObject, prefix: Buffer, message: string | Buffer): Buffer {
  return Buffer.concat([prefix, createHmac('sha256', key).update(message).digest()]);
}

function identifierToken(version: KeyVersion, system: string, value: string): Buffer {
  if (system.includes(separator)) {
    throw new LakeError(
      'InvalidArgument',
      'The system of an identifier holds a control character. Allowed is a URI (RFC 3986).',
    );
  }
  return macWith(version.identifiers, version.prefix, `${system}${separator}${value}`);
}

/** base64url has one letter a FHIR id may not hold; the dot, which base64url lacks, keeps ids apart one to one. */
const idText = (bytes: Buffer): string => bytes.toString('base64url').replaceAll('_', '.');

/** Digests of the first version are older than rotation and carry no version. */
const digestText = (bytes: Buffer): string => {
  const text = bytes.subarray(1).toString('base64url');
  return bytes[0] === 1 ? text : `${bytes[0]}:${text}`;
};

function digestBytes(text: string): Buffer {
  const [version, mac] = text.includes(':') ? text.split(':') : ['1', text];
  return Buffer.concat([Buffer.of(Number(version)), Buffer.from(mac ?? '', 'base64url')]);
}

/** The version of the key that made the digest of a request. */
export const digestVersionOf = (digest: string): number => digestBytes(digest)[0] ?? 0;

/** The version of the key that made a token or a re-keyed id. */
export function keyVersionOf(token: string): number {
  return Buffer.from(token.slice(0, 4).replaceAll('.', '_'), 'base64url')[0] ?? 0;
}

/**
 * The key of request digests (idempotency). A body names people, so its digest must not be testable by anyone who holds
 * the ledger: an unkeyed hash of a one-patient message is as good as the message to someone who can guess it.
 */
export function requestDigestKey(pseudonymKey: KeyObject): KeyObject {
  checkKey(pseudonymKey, 'pseudonym key');
  return derive(pseudonymKey, 'lake request digests 1');
}

/** The pseudonym of a person in one research project: extracts of two projects share no value and do not join. */
export function projectToken(projectKey: KeyObject, personId: string): string {
  checkKey(projectKey, 'project key');
  return createHmac('sha256', projectKey).update(personId).digest('base64url');
}

/**
 * Names of resources, references and organisations in one research project: HMAC under a key of their own, as FHIR ids, so that no
 * name can be taken for the pseudonym of a person.
 */
export function projectNames(projectKey: KeyObject): (name: string) => string {
  checkKey(projectKey, 'project key');
  const names = derive(projectKey, 'lake project names 1');
  return (name) => idText(createHmac('sha256', names).update(name).digest());
}

/** `Identifier.system` of pseudonyms, so that a token is never taken for the identifier it stands for. */
export const pseudonymSystem = 'urn:nhs-data-lake:pseudonym:identifier';

/** What a tokenised uri or string is made of; the path keeps equal texts in different elements apart. */
export const pseudonymPrefix = 'urn:nhs-data-lake:pseudonym:';
