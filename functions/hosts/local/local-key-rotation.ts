import { randomUUID } from 'node:crypto';
import { identityKeyRotationManifest, keyRotationManifest } from '../../key-rotation/manifest';
import { identityKeyRotation } from '../compose/identity-key-rotation-function';
import { KeyRotation, type RotatedKey } from '../compose/key-rotation-function';
import type { LakeParts } from './lake-parts';
import type { LocalErasure } from './local-erasure';

const agent = { kind: 'operator', id: 'local' } as const;

/** A rotation of the pseudonym key on one machine: both halves in one process. */
export class LocalKeyRotation {
  readonly #rotation: KeyRotation;

  constructor(parts: LakeParts, erasure: Pick<LocalErasure, 'rebuildMarts'>) {
    this.#rotation = new KeyRotation({
      lake: parts.ports(keyRotationManifest),
      identity: identityKeyRotation(parts.ports(identityKeyRotationManifest)),
      rebuildMarts: () => erasure.rebuildMarts(),
      forgetDeletedRows: () => parts.forgetDeletedRows(),
      failpoint: (name) => parts.failpoint(name),
    });
  }

  rotate(): Promise<RotatedKey> {
    return this.#rotation.rotate(randomUUID(), agent);
  }

  /** Finishes what a crash interrupted; undefined when nothing was. */
  resume(): Promise<RotatedKey | undefined> {
    return this.#rotation.resume(agent);
  }
}
