import { runCommand } from '../../functions/cli/main';

/** Runs a verb of the command line in this process. */
export async function lake(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const [out, error]: [string[], string[]] = [[], []];
  const terminal = {
    out: (text: string) => void out.push(text),
    error: (text: string) => void error.push(text),
    interactive: false,
  };
  return { code: await runCommand(args, terminal), out: out.join(''), error: error.join('') };
}
