import { all, type Output, output } from '@pulumi/pulumi';
import type { FunctionBinding, PortBindings } from '../../adapters/bindings';
import type { Manifest, Use } from '../../functions/manifest';
import { stateRoleOf } from '../../functions/manifest-grants';
import type { DatabaseName } from '../../functions/state-store';
import type { LakeHomes } from './function-args';

/** Where a function finds, in its container, what its binding names. */
export const containerPaths = {
  secrets: '/var/run/lake/secrets',
  token: '/var/run/lake/token',
  spool: '/var/run/lake/spool',
} as const;

export const statePasswordFile = 'state-password';
export const stateCaFile = 'state-ca.pem';

/** Name of a function's login role in OpenBao; the job that prepares the lake gives it the policy of the manifest. */
export const keyRoleOf = (mount: string, { name }: Manifest): string => `${mount}-${name}`;

/** The binding of a function: what each name of its manifest leads to. Never a secret: those come in files. */
export function bindingOf(manifest: Manifest, homes: LakeHomes): Output<FunctionBinding> {
  const { objectStore, state, keys, catalogue } = homes;
  const places = [output(objectStore.endpoint), output(state.host), output(keys.address)] as const;
  return all([...places, output(catalogue?.host), all(homes.sinks)]).apply(
    ([endpoint, host, address, metastore, sinks]) => {
      const stateBinding = (database: DatabaseName): PortBindings['state'] => ({
        kind: 'postgres',
        host,
        port: state.port,
        database: state.databases[database],
        user: stateRoleOf(manifest),
        passwordFile: `${containerPaths.secrets}/${statePasswordFile}`,
        ...(state.ca === undefined ? {} : { caFile: `${containerPaths.secrets}/${stateCaFile}` }),
      });
      const lead = (use: Use): PortBindings[keyof PortBindings] => {
        switch (use.port) {
          case 'objectStore':
            return {
              kind: 's3',
              bucket: objectStore.buckets[use.zone],
              region: objectStore.region,
              endpoint,
              ...(objectStore.forcePathStyle === undefined ? {} : { forcePathStyle: objectStore.forcePathStyle }),
            };
          case 'key':
            return {
              kind: 'openbao',
              address,
              mount: keys.mount,
              role: keyRoleOf(keys.mount, manifest),
              jwtFile: `${containerPaths.token}/token`,
            };
          case 'state':
            return stateBinding(use.store.database);
          case 'catalogue': {
            if (catalogue === undefined || metastore === undefined) return stateBinding('lake');
            const { curated, marts } = objectStore.buckets;
            const { port } = catalogue;
            return { kind: 'hive', host: metastore, port, curated: `s3://${curated}`, marts: `s3://${marts}` };
          }
          case 'query':
            return { kind: 'duckdb', spoolFolder: containerPaths.spool };
          case 'events':
            return { kind: 'cloudevents', sink: sinkOf(manifest, use.topic, sinks) };
        }
      };
      return Object.fromEntries(Object.entries(manifest.uses).map(([name, use]) => [name, lead(use)]));
    },
  );
}

function sinkOf({ name }: Manifest, topic: string, sinks: Readonly<Record<string, string>>): string {
  const sink = sinks[topic];
  if (sink === undefined) throw new RangeError(`${name}: it publishes to ${topic}, and no sink was given for it.`);
  return sink;
}
