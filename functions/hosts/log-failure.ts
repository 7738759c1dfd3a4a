/**
 * Names and codes only: the message of an unexpected error may carry what it failed on. Of a run the name of its job, so that whoever
 * watches the logs of a lake can tell which one fails; what it says is in `lake jobs`.
 *
 * @param run given by a job runner
 */
export function logFailure(error: unknown, run?: { readonly job: string }): void {
  const { name, code } = error as { readonly name?: string; readonly code?: string };
  const line = { time: new Date().toISOString(), level: 'error', name: name ?? 'unknown', code, job: run?.job };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
