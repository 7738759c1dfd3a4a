import { isLakeError } from '../../../adapters/ports/errors';
import { startFunctionServer } from './function-server';
import { serveFunction } from './function-service';
import { readHostEnvironment } from './host-environment';
import { KnativeParts } from './knative-parts';

/** Names and codes only: the message of an unexpected error may carry what it failed on. */
function logFailure(error: unknown): void {
  const { name, code } = error as { readonly name?: string; readonly code?: string };
  const line = { time: new Date().toISOString(), level: 'error', name: name ?? 'unknown', code };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

async function start(): Promise<void> {
  if (process.env.LAKE_FUNCTION === 'prepare') {
    const { prepare, readPrepareSettings } = require('./prepare') as typeof import('./prepare');
    await prepare(readPrepareSettings(process.env.LAKE_PREPARE));
    process.stdout.write('prepared\n');
    return;
  }
  const environment = readHostEnvironment(process.env);
  const parts = new KnativeParts(environment);
  const service = await serveFunction(parts, environment, logFailure);
  const server = await startFunctionServer(service, environment.port);
  process.stdout.write(`${environment.function} ready ${server.port}\n`);
  // Without a handler a Node process that is PID 1 ignores SIGTERM, and its pod stays for the whole grace period.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server
        .stop()
        .then(() => parts.close())
        .catch(logFailure);
    });
  }
}

start().catch((error: unknown) => {
  if (isLakeError(error)) process.stderr.write(`${error.message}\n`);
  else logFailure(error);
  process.exitCode = 1;
});
