import { join, resolve } from 'node:path';
import type { FunctionBinding, PortBindings } from '../../../adapters/bindings';
import type { Manifest, Use, Zone } from '../../manifest';

/** Where everything of a lake on one machine lies. The identity zone has its own folder, database and keys. */
export interface LakeFolder {
  readonly root: string;
  readonly zones: Readonly<Record<Zone, string>>;
  readonly database: { readonly lake: string; readonly identity: string };
  readonly keys: { readonly lake: string; readonly identity: string; readonly pseudonym: string };
  /** Private keys of providers registered here without a key of their own. */
  readonly credentials: string;
  /** FHIR packages the validator knows, an unpacked folder each. */
  readonly packages: string;
  /** The site's own definitions of marts, a folder each: where it is, they stand in place of those that ship. */
  readonly martDefinitions: string;
  readonly spool: string;
  readonly socket: string;
  readonly lock: string;
}

/** Names the places; makes none: who only looks leaves no folder behind. */
export function lakeFolder(path: string): LakeFolder {
  const root = resolve(path);
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    root,
    zones: {
      landing: at('landing'),
      identity: at('identity', 'store'),
      inbox: at('identity', 'inbox'),
      curated: at('curated'),
      marts: at('marts'),
      audit: at('audit'),
      witness: at('witness'),
      releases: at('releases'),
    },
    database: { lake: at('state', 'lake.sqlite'), identity: at('identity', 'state', 'identity.sqlite') },
    keys: { lake: at('keys', 'lake'), identity: at('identity', 'keys'), pseudonym: at('keys', 'pseudonym') },
    credentials: at('credentials'),
    packages: at('packages'),
    martDefinitions: at('martDefinitions'),
    spool: at('spool'),
    socket: at('lake.sock'),
    lock: at('lake.lock'),
  };
}

function bindingOf(folder: LakeFolder, use: Use): PortBindings[keyof PortBindings] {
  switch (use.port) {
    case 'objectStore':
      return { kind: 'file', root: folder.zones[use.zone] };
    case 'key': {
      const place =
        use.key === 'identity'
          ? folder.keys.identity
          : use.key === 'pseudonym'
            ? folder.keys.pseudonym
            : folder.keys.lake;
      return { kind: 'key-file', folder: place };
    }
    case 'state':
      return { kind: 'sqlite', file: folder.database[use.store.database] };
    case 'catalogue':
      return { kind: 'sqlite', file: folder.database.lake };
    case 'events':
      return { kind: 'in-process' };
    case 'query':
      return { kind: 'duckdb', spoolFolder: folder.spool, memoryLimit: 256 * 1024 * 1024 };
    case 'requests':
    case 'callers':
      return { kind: 'in-process' };
  }
}

/** The binding of a function on one machine: computed from its manifest, as a component computes it for a cloud. */
export function localBinding(folder: LakeFolder, manifest: Manifest): FunctionBinding {
  return Object.fromEntries(Object.entries(manifest.uses).map(([name, use]) => [name, bindingOf(folder, use)]));
}
