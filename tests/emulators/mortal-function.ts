import type { Failpoint } from '../../functions/failpoint';
import { readHostEnvironment } from '../../functions/hosts/host-environment';
import { startFunctionServer } from '../../functions/hosts/knative/function-server';
import { serveFunction } from '../../functions/hosts/knative/function-service';
import { knativeParts } from '../../functions/hosts/knative/knative-parts';

const die = (): void => void process.kill(process.pid, 'SIGKILL');

/**
 * One function as the Knative host serves it, that kills itself with SIGKILL where LAKE_DIES_AT says: at a named place
 * (`rotate.landing`), or when an operation of a port has been done so often (`landing.put 2`) and nobody knows of it yet.
 */
async function main(): Promise<void> {
  const [place = '', times = '1'] = (process.env.LAKE_DIES_AT ?? '').split(' ');
  const environment = readHostEnvironment(process.env);
  const parts = knativeParts(environment);
  const portsOf = parts.ports.bind(parts);
  let left = Number(times);
  const failpoint: Failpoint = (name) => {
    if (name === place) die();
  };
  const mortal = (port: object, name: string): object =>
    new Proxy(port, {
      get: (target, operation) => {
        const value: unknown = Reflect.get(target, operation);
        if (typeof value !== 'function' || `${name}.${String(operation)}` !== place) return value;
        return async (...args: unknown[]) => {
          const result: unknown = await value.apply(target, args);
          left -= 1;
          if (left <= 0) die();
          return result;
        };
      },
    });
  const ports: typeof parts.ports = (manifest) => {
    const given = Object.entries(portsOf(manifest)).map(([name, port]) => [
      name,
      mortal({ ...(port as object) }, name),
    ]);
    return Object.fromEntries(given) as ReturnType<typeof portsOf<typeof manifest>>;
  };
  Object.assign(parts, { failpoint, ports });
  const service = await serveFunction(parts, environment, () => undefined);
  const { port } = await startFunctionServer(service, environment.port);
  process.stdout.write(`ready ${port}\n`);
}

void main();
