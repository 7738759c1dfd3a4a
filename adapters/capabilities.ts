import type { KeyBinding, ObjectStoreBinding, StateBinding } from './bindings';
import type { KeyManagement, KeyManagementCapability } from './ports/key-management';
import type { ObjectStore, ObjectStoreCapability } from './ports/object-store';
import type { StateDatabaseCapability } from './ports/state-database';

type S3Traits = Pick<Extract<ObjectStoreBinding, { kind: 's3' }>, 'objectLock' | 'signedUploads'>;

/** What an S3 bucket can do, by how it was made and who reaches it. */
export const s3Capabilities = ({ objectLock, signedUploads }: S3Traits) => [
  ...(objectLock === true ? (['versions', 'retention', 'holds'] as const) : []),
  ...(signedUploads === true ? (['signedUpload'] as const) : []),
];

/**
 * What an adapter can do that another of its port cannot, as plain data: a component asks here when a stack is planned, so that a
 * function never meets `Unsupported` where it runs. The adapters declare the same, and their contract suites hold them to it.
 */
export function objectStoreCapabilities(
  store: Pick<ObjectStoreBinding, 'kind'> & S3Traits,
): readonly ObjectStoreCapability[] {
  if (store.kind === 'file') return ['localPath'];
  return store.kind === 's3' ? s3Capabilities(store) : [];
}

const everyKeyCapability = ['publicKeyWrap', 'sign', 'mac', 'rotate'] as const satisfies KeyManagementCapability[];

export const keyCapabilities: Readonly<Record<KeyBinding['kind'], readonly KeyManagementCapability[]>> = {
  'key-file': everyKeyCapability,
  openbao: everyKeyCapability,
  'aws-kms': everyKeyCapability,
};

export const stateCapabilities: Readonly<Record<StateBinding['kind'], readonly StateDatabaseCapability[]>> = {
  sqlite: [],
  postgres: ['roles'],
  'aurora-iam': ['roles'],
};

/** Operations that need a capability. Of the others that some adapters lack, `localPath` and `signUpload`, callers have another way. */
export const neededByObjectStore: Partial<Record<keyof ObjectStore, ObjectStoreCapability>> = {
  versions: 'versions',
  hold: 'holds',
};
export const neededByKeys: Partial<Record<keyof KeyManagement, KeyManagementCapability>> = {
  wrapWithPublicKey: 'publicKeyWrap',
  sign: 'sign',
  mac: 'mac',
  rotate: 'rotate',
};
