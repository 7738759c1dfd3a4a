/** A made-up surname and a valid NHS number: what must stand nowhere outside the identity zone. */
export const marker = 'ZZMARKER-JONES';
export const digits = '9434765919';
export const markerHex = Buffer.from(marker).toString('hex');
export const markerBase64 = Buffer.from(marker).toString('base64');

/** The letters that base64 (of either alphabet) has for a text wherever it begins in what was encoded. */
const base64Cores = (text: string): string[] =>
  [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'x'.repeat(shift)}${text}`)
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last letters hold bits of their neighbours.
    return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
  });

const words = ['zzmarker', markerHex, Buffer.from(digits).toString('hex'), Buffer.from('zzmarker').toString('hex')];
const encoded = [...base64Cores(marker), ...base64Cores(digits), ...base64Cores(marker.toLowerCase())];
/** The digits with what people put between them. */
const spaced = new RegExp([...digits].join('[\\s.,:/_-]{0,3}'));
/** JSON inside JSON, percent-encoding and UTF-16 say the same letters with more bytes. */
const unescaped = (text: string): string =>
  text
    .replaceAll('\0', '')
    .replace(/\\u00([0-9a-f]{2})|%([0-9a-f]{2})/gi, (_, a: string, b: string) =>
      String.fromCharCode(Number.parseInt(a ?? b, 16)),
    );

/** Whether a text holds a marker in some form: as it is, folded, as digits with separators, in hex or base64. */
export function holdsMarker(text: string): boolean {
  return [text, unescaped(text)].some((form) => {
    const folded = form.toLowerCase();
    return (
      words.some((word) => folded.includes(word)) || encoded.some((core) => form.includes(core)) || spaced.test(form)
    );
  });
}
