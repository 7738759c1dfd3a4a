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
 * During a rotation two versions live: new tokens are made with the first key given, look-ups ask under all of them
 * (`tokensFor`, `rekeyCandidates`) until the identity zone has re-mapped what the older key made.
 */
export class Tokeniser {
  readonly #versions: readonly [KeyVersion, ...KeyVersion[]];

  /** @param keys the current key first, the one that is being replaced second. */
  constructor(keys: readonly [PseudonymKey, PseudonymKey?]) {
    const present = keys.filter((entry) => entry !== undefined);
    if (new Set(present.map((entry) => entry.version)).size !== present.length) {
      throw new LakeError('InvalidArgument', 'Two pseudonym keys carry the same version. Give each its own.');
    }
    const [current, ...older] = present.map(({ version, key }): KeyVersion => {
      checkKey(key, 'pseudonym key');
      if (!Number.isInteger(version) || version < 1 || version > 255) {
        throw new LakeError(
          'InvalidArgument',
          'The version of a pseudonym key must be a whole number from 1 to 255: it is one byte of each token.',
        );
      }
      return { version, prefix: Buffer.of(version), identifiers: key, logicalIds: derive(key, 'lake logical ids 1') };
    });
    if (current === undefined) throw new LakeError('InvalidArgument', 'There is no pseudonym key. Give at least one.');
    this.#versions = [current, ...older];
  }

  get version(): number {
    return this.#versions[0].version;
  }

  /** The token of a business identifier under the current key. */
  tokenFor(system: string, value: string): string {
    const identifier = normaliseIdentifier(system, value);
    return identifierToken(this.#versions[0], identifier.system, identifier.value);
  }

  /** The tokens of a business identifier under every living key, the current one first: what a look-up asks for. */
  tokensFor(system: string, value: string): readonly string[] {
    const identifier = normaliseIdentifier(system, value);
    return this.#versions.map((version) => identifierToken(version, identifier.system, identifier.value));
  }

  /** The logical id of a provider's resource in the lake: a FHIR id ([A-Za-z0-9.-]{1,64}) that only the key can repeat. */
  rekey(provider: string, type: string, id: string): string {
    return logicalId(this.#versions[0], provider, type, id);
  }

  /** The logical id under every living key, the current one first; the re-map of a rotation goes from the second to the first. */
  rekeyCandidates(provider: string, type: string, id: string): readonly string[] {
    return this.#versions.map((version) => logicalId(version, provider, type, id));
  }
}

function macWith(key: KeyObject, prefix: Buffer, message: string): Buffer {
  return Buffer.concat([prefix, createHmac('sha256', key).update(message).digest()]);
}

function identifierToken(version: KeyVersion, system: string, value: string): string {
  if (system.includes(separator)) {
    throw new LakeError(
      'InvalidArgument',
      'The system of an identifier holds a control character. Allowed is a URI (RFC 3986).',
    );
  }
  return macWith(version.identifiers, version.prefix, `${system}${separator}${value}`).toString('base64url');
}

function logicalId(version: KeyVersion, provider: string, type: string, id: string): string {
  const token = macWith(version.logicalIds, version.prefix, `${provider}${separator}${type}${separator}${id}`);
  // base64url has one letter a FHIR id may not hold; the dot, which base64url lacks, keeps ids apart one to one.
  return token.toString('base64url').replaceAll('_', '.');
}

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

/** `Identifier.system` of pseudonyms, so that a token is never taken for the identifier it stands for. */
export const pseudonymSystem = 'urn:nhs-data-lake:pseudonym:identifier';

/** What a tokenised uri or string is made of; the path keeps equal texts in different elements apart. */
export const pseudonymPrefix = 'urn:nhs-data-lake:pseudonym:';
