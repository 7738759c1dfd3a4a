import type { ObjectStoreHome } from '../function/function-args';

/** Where the container runtime keeps what pods write (Kubernetes, "Logging Architecture"). */
export const podLogFolder = '/var/log/pods';
export const vectorData = '/var/lib/vector';

/**
 * Vector's configuration as JSON (https://vector.dev/docs/reference/configuration/). It reads files and asks the API server
 * nothing: namespace, pod and container stand in the file's path. Each line is kept as the runtime wrote it, time included.
 *
 * @param prefix begins the keys of the objects
 */
export function vectorConfiguration(
  namespaces: readonly string[],
  store: Pick<ObjectStoreHome, 'region' | 'forcePathStyle'>,
  endpoint: string,
  bucket: string,
  prefix: string,
): string {
  const configuration = {
    data_dir: vectorData,
    sources: {
      pods: {
        type: 'file',
        include: namespaces.map((namespace) => `${podLogFolder}/${namespace}_*/*/*.log`),
        fingerprint: { strategy: 'device_and_inode' },
      },
    },
    sinks: {
      locked: {
        type: 'aws_s3',
        inputs: ['pods'],
        endpoint,
        region: store.region,
        force_path_style: store.forcePathStyle ?? false,
        bucket,
        // Each object has a name of its own: nothing is ever written over.
        key_prefix: `${prefix}\${NODE_NAME}/%Y/%m/%d/`,
        filename_append_uuid: true,
        compression: 'gzip',
        encoding: { codec: 'json' },
        framing: { method: 'newline_delimited' },
        batch: { timeout_secs: 60 },
        // While the store is away lines wait on the disk, and then in the pods' own files.
        buffer: { type: 'disk', max_size: 268_435_488, when_full: 'block' },
        // It would ask for the bucket, which its login may not.
        healthcheck: { enabled: false },
      },
    },
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}
