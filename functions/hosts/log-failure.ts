/** Names and codes only: the message of an unexpected error may carry what it failed on. */
export function logFailure(error: unknown): void {
  const { name, code } = error as { readonly name?: string; readonly code?: string };
  const line = { time: new Date().toISOString(), level: 'error', name: name ?? 'unknown', code };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
