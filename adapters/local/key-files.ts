import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { isLakeError, LakeError } from '../ports/errors';
import type { KeyUse } from '../ports/key-management';
import { errnoOf, toLakeError } from './file-errors';

/** One version of a key in memory: a secret of 32 bytes, or a private key and its public half. */
export interface LoadedKey {
  readonly use: KeyUse;
  readonly version: number;
  readonly secret: KeyObject;
  readonly public: KeyObject | undefined;
}

/** How long a newer version that another process made may go unseen. */
const refreshMilliseconds = 1_000;
const uses: readonly string[] = ['dataKeys', 'publicKeyWrap', 'sign', 'mac'] satisfies KeyUse[];

/**
 * The folder of key files: `<name>.<version>.json`, mode 600 in a folder of mode 700, each with its use and its secret
 * (base64, or PKCS #8 PEM). A version is written whole, durably and once: `link` never overwrites, so two processes that
 * make the same version at once both end with the first one's.
 */
export class KeyFiles {
  readonly #folder: string;
  readonly #loaded = new Map<string, LoadedKey>();
  #newest = new Map<string, number>();
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#reach(() => mkdirSync(this.#folder, { recursive: true, mode: 0o700 }));
  }

  /** `NotFound` when there is no key of that name. */
  newest(name: string): number {
    checkKeyName(name);
    if (!this.#newest.has(name) || performance.now() - this.#listedAt > refreshMilliseconds) this.#list();
    const newest = this.#newest.get(name);
    if (newest === undefined) {
      throw new LakeError(
        'NotFound',
        `There is no key ${name}. Create it, or check the folder of keys in the binding.`,
      );
    }
    return newest;
  }

  load(name: string, version: number): LoadedKey {
    checkKeyName(name);
    const id = `${name}.${version}`;
    let key = this.#loaded.get(id);
    if (key === undefined) {
      key = loadKey(
        name,
        version,
        this.#reach(() => readFileSync(this.#path(name, version), 'utf8')),
      );
      this.#loaded.set(id, key);
    }
    return key;
  }

  /** Makes a version unless there is one already. */
  make(name: string, version: number, use: KeyUse): void {
    checkKeyName(name);
    const aside = join(this.#folder, `.${randomUUID()}.temporary`);
    this.#reach(() => {
      try {
        const file = openSync(aside, 'wx', 0o600);
        try {
          writeSync(file, `${JSON.stringify({ use, secret: newSecret(use) })}\n`);
          fsyncSync(file);
        } finally {
          closeSync(file);
        }
        linkSync(aside, this.#path(name, version));
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
      } finally {
        rmSync(aside, { force: true });
      }
      const folder = openSync(this.#folder, 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    });
    this.#listedAt = Number.NEGATIVE_INFINITY;
  }

  /** Reads the folder anew at the next question for a newest version. */
  forgetNewest(): void {
    this.#listedAt = Number.NEGATIVE_INFINITY;
  }

  #list(): void {
    this.#newest = new Map();
    for (const file of this.#reach(() => readdirSync(this.#folder))) {
      const [, name, version] = /^([a-z][a-z0-9-]*)\.([1-9][0-9]{0,8})\.json$/.exec(file) ?? [];
      if (name !== undefined) this.#newest.set(name, Math.max(Number(version), this.#newest.get(name) ?? 0));
    }
    this.#listedAt = performance.now();
  }

  #path(name: string, version: number): string {
    return join(this.#folder, `${name}.${version}.json`);
  }

  #reach<Result>(call: () => Result): Result {
    try {
      return call();
    } catch (error) {
      const mapped = toLakeError(error);
      if (!isLakeError(mapped, 'NotFound')) throw mapped;
      throw new LakeError('NotFound', 'There is no such version of the key. Restore its file.', { cause: error });
    }
  }
}

function checkKeyName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(name)) return;
  throw new LakeError(
    'InvalidArgument',
    'A key name is 1 to 63 lower-case letters, digits and hyphens, a letter first.',
  );
}

function newSecret(use: KeyUse): string {
  if (use === 'dataKeys' || use === 'mac') return randomBytes(32).toString('base64');
  const { privateKey } =
    use === 'sign'
      ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
      : generateKeyPairSync('rsa', { modulusLength: 3072 });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function loadKey(name: string, version: number, text: string): LoadedKey {
  try {
    const { use, secret } = JSON.parse(text) as { use: unknown; secret: unknown };
    if (typeof use !== 'string' || typeof secret !== 'string' || !uses.includes(use))
      throw new TypeError('no key file');
    if (use === 'dataKeys' || use === 'mac') {
      const bytes = Buffer.from(secret, 'base64');
      if (bytes.length !== 32) throw new TypeError('no 256 bit key');
      return { use, version, secret: createSecretKey(bytes), public: undefined };
    }
    const privateKey = createPrivateKey(secret);
    return { use: use as KeyUse, version, secret: privateKey, public: createPublicKey(privateKey) };
  } catch {
    // No cause: a parser's message may quote the file, and the file is a key.
    throw new LakeError(
      'Unknown',
      `The file of key ${name}, version ${version}, is damaged. Restore it from its backup.`,
    );
  }
}
