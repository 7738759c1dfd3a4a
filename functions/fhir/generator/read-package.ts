import { gunzipSync } from 'node:zlib';

export interface Definition {
  readonly resourceType: string;
  readonly url?: string;
  readonly [name: string]: unknown;
}

const block = 512;

/** The conformance resources of a FHIR package (a tar of JSON files, gzipped). */
export function readPackage(bytes: Uint8Array): Definition[] {
  const tar = gunzipSync(bytes);
  const found: Definition[] = [];
  let at = 0;
  while (at + block <= tar.length && tar[at] !== 0) {
    const name = tar
      .subarray(at, at + 100)
      .toString('utf8')
      .replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.subarray(at + 124, at + 136).toString('utf8'), 8);
    if (/\/[A-Z][^/]*\.json$/.test(name)) {
      const resource = JSON.parse(tar.subarray(at + block, at + block + size).toString('utf8')) as Definition;
      if (typeof resource.resourceType === 'string') found.push(resource);
    }
    at += block + Math.ceil(size / block) * block;
  }
  return found;
}
