import { LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { uploadContext, uploadKey } from '../../bulk-import/import-objects';
import { type BulkImport, type ImportInput, type ImportState, importJob } from '../../bulk-import/import-store';
import { importManifest } from '../../bulk-import/manifest';
import { auditOf, type ImportUpload, runImport } from '../../bulk-import/run-import';
import type { ProfilePackage } from '../../fhir/profiles/profile-package';
import type { JobHandler, JobWork } from '../../jobs/job-runner';
import type { PortsOf } from '../../manifest';
import type { FunctionParts } from '../function-parts';
import type { HostParts } from '../host-parts';
import { ingestUseCase, maxLineBytes } from './ingest-function';

/** The handler of the job `import` over the ports of a host. */
export const importHandler =
  (parts: HostParts, packages: readonly ProfilePackage[]): JobHandler =>
  async ({ run, input, progress }) => {
    const { id, signed = false } = input as ImportInput;
    try {
      return await runOne(parts, packages, { id, signed }, progress);
    } catch (error) {
      // The last attempt: its sender must not poll for ever.
      if (run.attempts >= run.maxAttempts) {
        const { imports } = parts.ports(importManifest);
        const bulkImport = await imports.get(id);
        if (bulkImport !== undefined) await imports.finish(id, 'failed', auditOf('job:import', bulkImport, 'failed'));
      }
      throw error;
    }
  };

async function runOne(
  parts: HostParts,
  packages: readonly ProfilePackage[],
  { id, signed }: Required<ImportInput>,
  progress: (lines: number) => Promise<void>,
): Promise<ImportState> {
  const ports = parts.ports(importManifest);
  const bulkImport = await ports.imports.get(id);
  if (bulkImport === undefined) throw new LakeError('InvalidArgument', 'The job names an import that does not exist.');
  if (bulkImport.state !== 'running') return bulkImport.state;
  const { ingest, groupCommit } = await ingestUseCase(parts, packages, ports);
  try {
    return await runImport(
      {
        imports: ports.imports,
        upload: uploadOf(ports, bulkImport, signed),
        outcomes: ports.outcomes,
        ingest,
        maxLineBytes,
        failpoint: parts.failpoint,
        senderOf: async (clientId) => {
          const provider = await ports.register.find(clientId);
          return provider === undefined || provider.disabled ? undefined : provider;
        },
      },
      bulkImport,
      progress,
    );
  } finally {
    await groupCommit.drained();
  }
}

/** The job `import` of a process of its own. */
export const importWork = (parts: FunctionParts, packages: readonly ProfilePackage[]): JobWork => ({
  queue: parts.ports(importManifest).queue,
  handlers: { [importJob]: importHandler(parts, packages) },
});

/** Sealed by the API, or as its sender put it by a signed address: then nothing of it stays, not as an earlier version either. */
function uploadOf(
  { inbox, uploads, inboxKey }: PortsOf<typeof importManifest>,
  { provider, id }: BulkImport,
  signed: boolean,
): ImportUpload {
  const key = uploadKey(provider, id);
  if (signed)
    return {
      read: () => uploads.stream(key),
      remove: async () => {
        await uploads.delete(key);
        await uploads.purgeVersions(key);
      },
    };
  const { openStream } = new EnvelopeEncryption({ unwrap: inboxKey.unwrap });
  return {
    read: () => openStream(inbox.stream(key), uploadContext(provider)),
    remove: () => inbox.delete(key),
  };
}
