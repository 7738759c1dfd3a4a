import { all, type Output, output } from '@pulumi/pulumi';
import type { FunctionBinding, PortBindings } from '../../adapters/bindings';
import type { Manifest, Use, Zone } from '../../functions/manifest';
import { stateRoleOf } from '../../functions/manifest-grants';
import type { DatabaseName } from '../../functions/state-store';
import { refuseIncapable } from '../core/capabilities';
import type { LakeHomes } from './function-args';

/** Where a function finds, in its container, what its binding names. */
export const containerPaths = {
  secrets: '/var/run/lake/secrets',
  token: '/var/run/lake/token',
  spool: '/var/run/lake/spool',
  /** Tokens for functions that are asked, a file each. */
  calls: '/var/run/lake/calls',
} as const;

export const statePasswordFile = 'state-password';
export const stateCaFile = 'state-ca.pem';

/** Name of a function's login role in OpenBao; the job that prepares the lake gives it the policy of the manifest. */
export const keyRoleOf = (mount: string, { name }: Manifest): string => `${mount}-${name}`;

/** The login role in OpenBao by which a function learns who asks it; also the audience of the tokens that callers show. */
export const callsRoleOf = (mount: string, name: string): string => `${mount}-calls-${name}`;

/** The binding of a function: what each name of its manifest leads to. Never a secret: those come in files. */
export function bindingOf(manifest: Manifest, homes: LakeHomes): Output<FunctionBinding> {
  const { objectStore, state, keys, catalogue } = homes;
  const lockOf = (zone: Zone) => zone === 'audit' && objectStore.auditLockDays !== undefined;
  refuseIncapable(manifest, {
    objectStore: (zone) => ({ kind: 's3', objectLock: lockOf(zone) }),
    key: 'openbao',
    state: 'postgres',
  });
  const places = [output(objectStore.endpoint), output(state.host), output(keys.address)] as const;
  return all([...places, output(catalogue?.host), all(homes.sinks), all(homes.functions)]).apply(
    ([endpoint, host, address, metastore, sinks, functions]) => {
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
              ...(use.zone === 'audit' && objectStore.auditLockDays !== undefined
                ? { objectLock: true, retainDays: objectStore.auditLockDays }
                : {}),
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
          case 'requests':
            return {
              kind: 'http',
              address: originOf(manifest, use.to, functions),
              tokenFile: `${containerPaths.calls}/${use.to}`,
            };
          case 'callers':
            return { kind: 'openbao', address, method: 'kubernetes', role: callsRoleOf(keys.mount, manifest.name) };
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

function originOf({ name }: Manifest, to: string, functions: Readonly<Record<string, string>>): string {
  const origin = functions[to];
  if (origin === undefined) throw new RangeError(`${name}: it asks ${to}, and where that function is was not given.`);
  return origin;
}
