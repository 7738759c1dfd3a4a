/** Where an import lies in the inbox of the identity zone: the upload sealed, the outcome in parts of plain NDJSON. */
export const uploadKey = (provider: string, id: string): string => `${provider}/${id}/upload.ndjson`;
export const outcomeKey = (provider: string, id: string, part: number): string =>
  `${provider}/${id}/outcome-${String(part).padStart(6, '0')}.ndjson`;

/** What an upload is sealed under; the identity function opens it. */
export const uploadContext = (provider: string): Readonly<Record<string, string>> => ({
  zone: 'identity',
  provider,
  retention: 'import',
});
