import type { PortsOf } from '../manifest';
import { importOfKey } from './import-objects';
import type { importManifest } from './manifest';
import { auditOf } from './run-import';

type ArrivalPorts = Pick<PortsOf<typeof importManifest>, 'uploads' | 'imports'>;

/**
 * Starts the import of each upload that its sender put by a signed address. The folder holds what was not taken yet and no more,
 * so looking into it is one call; a notification of the bucket would be another way for each kind of store.
 */
export async function startArrived({ uploads, imports }: ArrivalPorts): Promise<void> {
  if (!uploads.capabilities.has('signedUpload')) return;
  for await (const { key } of uploads.list('')) {
    const { provider, id } = importOfKey(key);
    const found = await imports.get(id);
    if (found?.state === 'waiting' && found.provider === provider)
      await imports.uploaded(id, auditOf('job:import.arrived', found, 'uploaded'), true);
  }
}
