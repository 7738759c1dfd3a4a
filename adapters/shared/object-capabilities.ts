import { LakeError } from '../ports/errors';
import type { ObjectStoreCapability, ObjectVersion, PromisedUpload, SignedUpload } from '../ports/object-store';
import { checkListPrefix, checkObjectKey } from './object-keys';

const missing: Readonly<Record<ObjectStoreCapability, string>> = {
  versions: 'This store keeps no earlier versions. Read the current object, or bind a store that keeps them.',
  retention: 'This store keeps no write-once retention. Leave retainUntil out, or bind a store that keeps it.',
  holds: 'This store keeps no holds. Bind a store that keeps them.',
  signedUpload: 'This store signs no uploads. Send the object through the lake.',
  localPath: 'Objects of this store have no path. Read them through the store.',
};

/** Refuses what an adapter does not declare, before any call. */
export function requireCapability(
  capabilities: ReadonlySet<ObjectStoreCapability>,
  capability: ObjectStoreCapability,
): void {
  if (!capabilities.has(capability)) throw new LakeError('Unsupported', missing[capability]);
}

/** What every store answers that keeps neither versions nor holds. */
export abstract class UnversionedStore {
  versions(_key: string): AsyncIterable<ObjectVersion> {
    throw new LakeError('Unsupported', missing.versions);
  }

  /** There is nothing to purge: what was replaced or deleted is gone. */
  async purgeVersions(key: string): Promise<void> {
    checkObjectKey(key);
  }

  async purgeVersionsUnder(prefix: string): Promise<void> {
    checkListPrefix(prefix);
  }

  async signUpload(_key: string, _upload: PromisedUpload): Promise<SignedUpload> {
    throw new LakeError('Unsupported', missing.signedUpload);
  }

  async hold(_key: string, _held: boolean): Promise<void> {
    throw new LakeError('Unsupported', missing.holds);
  }
}
