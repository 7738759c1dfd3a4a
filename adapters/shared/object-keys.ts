import { LakeError } from '../ports/errors';

/**
 * The key rules of the ObjectStore port, in one place so that every adapter refuses alike: what a file system, S3,
 * a POSIX backed S3 gateway and Azure Blob can all hold. `//` and a key that is another key's folder are refused
 * because versitygw (POSIX) cannot tell them apart, `.` and `..` because SDKs and proxies normalise URLs.
 */
const longestKeyBytes = 1024;

/** First segment kept for an adapter's own files (temporary files, metadata). */
export const reservedSegment = '.store';

const controlOrBackslash = /[\p{Cc}\\]/u;
const loneSurrogate = /\p{Surrogate}/u;

/** Refuses a key that one of the stores could not hold: `InvalidArgument`. The message never repeats the key. */
export function checkObjectKey(key: string): void {
  if (key === '') refuse('is empty');
  checkCharacters(key);
  for (const segment of key.split('/')) {
    if (segment === '') refuse('begins or ends with "/" or holds "//"');
    checkSegment(segment);
  }
  checkFirstSegment(key);
}

/** Refuses a listing prefix that cannot begin any key; the empty prefix and one that ends in `/` are allowed. */
export function checkListPrefix(prefix: string): void {
  checkCharacters(prefix);
  if (prefix === '') return;
  const folders = prefix.split('/').slice(0, -1);
  for (const segment of folders) {
    if (segment === '') refuse('begins with "/" or holds "//"');
    checkSegment(segment);
  }
  if (folders.length > 0) checkFirstSegment(prefix);
}

/** The folders above a key, outermost first: `a/b/c` gives `a`, `a/b`. None of them may be a key. */
export function foldersAbove(key: string): string[] {
  const folders: string[] = [];
  for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) folders.push(key.slice(0, slash));
  return folders;
}

/** The error of a key that is another key's folder, or lies under a key. */
export function keyClash(): LakeError {
  return new LakeError(
    'InvalidArgument',
    'The object key is the folder of another key, or lies under one. Choose a key that is neither.',
  );
}

/**
 * Order of keys as UTF-8 bytes, which is the order of S3 and of this port. JavaScript compares UTF-16 units, which
 * puts U+E000..U+FFFF after the surrogates of U+10000 and above: the two differ only there.
 */
export function compareObjectKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit <= 0xdfff ? unit + 0x10000 : unit;
}

function checkCharacters(key: string): void {
  if (Buffer.byteLength(key) > longestKeyBytes) refuse(`is longer than ${longestKeyBytes} bytes of UTF-8`);
  if (loneSurrogate.test(key)) refuse('is not well-formed Unicode');
  if (controlOrBackslash.test(key)) refuse('holds a control character or a backslash');
}

function checkSegment(segment: string): void {
  if (segment === '.' || segment === '..') refuse('holds a "." or ".." segment');
}

function checkFirstSegment(key: string): void {
  if (key === reservedSegment || key.startsWith(`${reservedSegment}/`)) {
    refuse(`begins with "${reservedSegment}", which is kept for the store`);
  }
}

function refuse(why: string): never {
  throw new LakeError(
    'InvalidArgument',
    `The object key ${why}. Allowed: 1 to ${longestKeyBytes} bytes of UTF-8, segments parted by single "/".`,
  );
}
