import { isLakeError } from '../../../adapters/ports/errors';
import { readHostEnvironment } from '../host-environment';
import { logFailure } from '../log-failure';
import { startFunctionServer } from './function-server';
import { serveFunction } from './function-service';
import { knativeParts } from './knative-parts';
import { scheduledFunction } from './scheduled-functions';
import { ServerReach, serversOf } from './server-reach';

async function start(): Promise<void> {
  if (process.env.LAKE_FUNCTION === 'import-export') {
    const { readPrepareSettings } = require('./prepare') as typeof import('./prepare');
    const { importByEnvironment } = require('./server-import') as typeof import('./server-import');
    const done = await importByEnvironment(readPrepareSettings(process.env.LAKE_PREPARE), process.env);
    process.stdout.write(`${JSON.stringify(done)}\n`);
    return;
  }
  if (process.env.LAKE_FUNCTION === 'prepare') {
    const { prepare, readPrepareSettings } = require('./prepare') as typeof import('./prepare');
    await prepare(readPrepareSettings(process.env.LAKE_PREPARE), (step) => process.stdout.write(`preparing ${step}\n`));
    process.stdout.write('prepared\n');
    return;
  }
  const environment = readHostEnvironment(process.env);
  const parts = knativeParts(environment);
  const tick = scheduledFunction(environment.function);
  const reach = new ServerReach(serversOf(environment.binding), logFailure);
  if (tick !== undefined) return reach.over.then(() => tick(parts, logFailure)).finally(() => parts.close());
  const service = await serveFunction(parts, environment, logFailure);
  const ready = (): boolean => reach.isOver && service.ready?.() !== false;
  const server = await startFunctionServer({ ...service, ready }, environment.port);
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
