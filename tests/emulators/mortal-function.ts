import { readHostEnvironment } from '../../functions/hosts/host-environment';
import { startFunctionServer } from '../../functions/hosts/knative/function-server';
import { serveFunction } from '../../functions/hosts/knative/function-service';
import { knativeParts } from '../../functions/hosts/knative/knative-parts';
import { makeMortal } from './mortal-ports';

/** One function as the Knative host serves it, that dies at a place of its own. */
async function main(): Promise<void> {
  makeMortal();
  const environment = readHostEnvironment(process.env);
  const service = await serveFunction(knativeParts(environment), environment, () => undefined);
  const { port } = await startFunctionServer(service, environment.port);
  process.stdout.write(`ready ${port}\n`);
}

void main();
