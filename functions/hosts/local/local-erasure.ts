import { randomUUID } from 'node:crypto';
import { ErasureCertificates } from '../../erasure/erasure-certificates';
import type { ErasureCertificate } from '../../erasure/erasure-plan';
import { erasureManifest, identityErasureManifest } from '../../erasure/manifest';
import { operatorManifest } from '../../operator/manifest';
import { Erasure } from '../compose/erasure-function';
import { type ErasureRequest, findPeople, identityErasureFunction } from '../compose/identity-erasure-function';
import type { LakeParts } from './lake-parts';
import type { LocalMarts } from './local-marts';

const agent = { kind: 'operator', id: 'local' } as const;

/** Erasure on one machine: both halves in one process. */
export class LocalErasure {
  readonly #parts: LakeParts;
  readonly #marts: LocalMarts;
  readonly #erasure: Erasure;

  constructor(parts: LakeParts, marts: LocalMarts) {
    this.#parts = parts;
    this.#marts = marts;
    this.#erasure = new Erasure({
      lake: parts.ports(erasureManifest),
      identity: identityErasureFunction(parts.ports(identityErasureManifest)),
      rebuildMarts: () => this.rebuildMarts(),
      forgetDeletedRows: () => parts.forgetDeletedRows(),
      failpoint: (name) => parts.failpoint(name),
    });
  }

  /** @throws LakeError `NotFound` when the lake holds nothing of them. */
  async erase(request: ErasureRequest): Promise<ErasureCertificate> {
    const found = await findPeople(this.#parts.ports(identityErasureManifest), request);
    return this.#erasure.erase(randomUUID(), found, agent);
  }

  /** Expires records that are past their time, by patient with the last contact that was judged. */
  expire(due: ReadonlyMap<string, string>): Promise<ErasureCertificate> {
    return this.#erasure.expire(randomUUID(), due);
  }

  /** Finishes what a crash interrupted. */
  resume(): Promise<readonly ErasureCertificate[]> {
    return this.#erasure.resume(agent);
  }

  /** All certificates, or the one of an id. */
  certificates(id?: string): Promise<readonly ErasureCertificate[]> {
    return new ErasureCertificates(this.#parts.ports(operatorManifest).certificates).list(id);
  }

  verify(certificate: ErasureCertificate): Promise<boolean> {
    return this.#erasure.verify(certificate);
  }

  rebuildMarts(): Promise<readonly string[]> {
    return this.#marts.rebuild();
  }
}
