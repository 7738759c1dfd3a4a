import { brotliDecompressSync } from 'node:zlib';
import { loadProfilePackage, type ProfilePackage } from './profiles/profile-package';
import { packedUkCore } from './tables/uk-core-tables';

let loaded: ProfilePackage | undefined;

/** UK Core as the repository carries it: profiles, extensions, value sets and code systems, read when first asked for. */
export function ukCore(): ProfilePackage {
  loaded ??= loadProfilePackage(
    JSON.parse(brotliDecompressSync(Buffer.from(packedUkCore, 'base64')).toString('utf8')) as unknown[],
  );
  return loaded;
}
