import { brotliDecompressSync } from 'node:zlib';
import { packedCodeLists } from './tables/code-lists';

let lines: Map<string, string> | undefined;
const unpacked = new Map<string, ReadonlySet<string>>();

function listLines(): Map<string, string> {
  const text = brotliDecompressSync(Buffer.from(packedCodeLists, 'base64')).toString('utf8');
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    found.set(line.slice(0, tab), line.slice(tab + 1));
  }
  return found;
}

/**
 * The codes of a code system (R4 with the HL7 terminology in it, UK Core) by its url; undefined when no list of it is
 * shipped. Unpacked at the first call, each list at its first use.
 */
export function codeListOf(url: string): ReadonlySet<string> | undefined {
  const known = unpacked.get(url);
  if (known !== undefined) return known;
  lines ??= listLines();
  const line = lines.get(url);
  if (line === undefined) return undefined;
  const codes: ReadonlySet<string> = new Set(line.split('\t'));
  unpacked.set(url, codes);
  return codes;
}
