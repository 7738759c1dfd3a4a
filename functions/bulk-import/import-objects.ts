/** Parts of the inbox of the identity zone. Uploads that the API sealed lie beside them, under their providers. */
export const outcomesFolder = 'outcomes/';
/** What senders put here themselves is sealed by nobody: the import alone reads it. */
export const signedFolder = 'signed/';

/** Where the lines of an import lie, sealed in the inbox or in the part of signed uploads. */
export const uploadKey = (provider: string, id: string): string => `${provider}/${id}/upload.ndjson`;
/** Plain NDJSON, in the part of outcomes. */
export const outcomeKey = (provider: string, id: string, part: number): string =>
  `${provider}/${id}/${String(part).padStart(6, '0')}.ndjson`;

/** Whose import an object belongs to, whatever it is of it and whichever part of the inbox it is in. */
export function importOfKey(key: string): { readonly provider: string; readonly id: string } {
  const [provider = '', id = ''] = key.split('/').slice(-3);
  return { provider, id };
}

/** What an upload is sealed under; the identity function opens it. */
export const uploadContext = (provider: string): Readonly<Record<string, string>> => ({
  zone: 'identity',
  provider,
  retention: 'import',
});
