import { join } from 'node:path';

/**
 * Keys as paths: one folder or file per segment, named as the segment, so that query engines and people find the files
 * where the key says. A segment of more than 200 bytes does not fit a file name (255 bytes on Linux and macOS): it
 * becomes folders of at most 200 bytes each, marked by a trailing U+0001, which no key may hold.
 */
const longestNameBytes = 200;
const continues = '\u0001';

export function pathOfKey(root: string, key: string): string {
  return join(root, ...key.split('/').flatMap(namesOfSegment));
}

function namesOfSegment(segment: string): string[] {
  const names: string[] = [];
  let rest = segment;
  while (Buffer.byteLength(rest) > longestNameBytes) {
    const head = headOfBytes(rest);
    names.push(head + continues);
    rest = rest.slice(head.length);
  }
  names.push(rest);
  return names;
}

/** The longest beginning of whole characters within the limit. */
function headOfBytes(text: string): string {
  let head = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > longestNameBytes) break;
    head += character;
  }
  return head;
}

/** The part of a long segment that a folder name stands for, or undefined when the name is a whole segment. */
export function headOfSegment(name: string): string | undefined {
  return name.endsWith(continues) ? name.slice(0, -continues.length) : undefined;
}
