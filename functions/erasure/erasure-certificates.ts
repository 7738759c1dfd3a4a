import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { BoundKey } from '../manifest';
import { isGenuine } from './certificate';
import type { ErasureCertificate } from './erasure-plan';

/** Where certificates lie in the zone of releases. */
export const certificatesFolder = 'erasures/';

const keyOf = (id: string): string => `${id}.json`;

/** The certificates of what was erased or has expired, each by its id. */
export class ErasureCertificates {
  readonly #store: Pick<ObjectStore, 'read' | 'list'>;

  /** @param store of {@link certificatesFolder} */
  constructor(store: Pick<ObjectStore, 'read' | 'list'>) {
    this.#store = store;
  }

  /** All of them, the newest last; or the one of this id, and then `NotFound` when there is none. */
  async list(id?: string): Promise<readonly ErasureCertificate[]> {
    if (id !== undefined) {
      const one = await this.of(id);
      if (one === undefined)
        throw new LakeError(
          'NotFound',
          'There is no such certificate. `lake erase certificates` lists those there are.',
        );
      return [one];
    }
    const found: ErasureCertificate[] = [];
    for await (const { key } of this.#store.list('')) found.push(await this.#read(key));
    return found.sort((one, other) => (one.completed < other.completed ? -1 : 1));
  }

  async of(id: string): Promise<ErasureCertificate | undefined> {
    // An id of ours names one object; anything else might name another.
    if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
    try {
      return await this.#read(keyOf(id));
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #read(key: string): Promise<ErasureCertificate> {
    return JSON.parse(Buffer.from(await this.#store.read(key)).toString('utf8')) as ErasureCertificate;
  }
}

/**
 * Whether this lake signed it and nobody changed it.
 *
 * @param given what somebody says is a certificate
 */
export async function verifyCertificate(given: object, publicKey: BoundKey['publicKey']): Promise<boolean> {
  const certificate = given as Partial<ErasureCertificate>;
  const { keyVersion, value } = certificate.signature ?? {};
  if (typeof keyVersion !== 'number' || typeof value !== 'string') return false;
  const { pem } = await publicKey(keyVersion);
  return isGenuine(certificate as ErasureCertificate, pem);
}
