import type { Failpoint } from '../../functions/failpoint';
import { FunctionParts } from '../../functions/hosts/function-parts';

const die = (): void => void process.kill(process.pid, 'SIGKILL');

/**
 * Lets the function of this process kill itself with SIGKILL where LAKE_DIES_AT says: at a named place (`rotate.landing`), or when an
 * operation of a port has been done so often (`landing.put 2`) and nobody knows of it yet.
 */
export function makeMortal(): void {
  const [place = '', times = '1'] = (process.env.LAKE_DIES_AT ?? '').split(' ');
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
  const portsOf: (...args: never[]) => object = FunctionParts.prototype.ports;
  Object.assign(FunctionParts.prototype, {
    ports(this: FunctionParts, ...args: never[]) {
      Object.assign(this, { failpoint });
      const given = Object.entries(portsOf.apply(this, args)).map(([name, port]) => [
        name,
        mortal({ ...(port as object) }, name),
      ]);
      return Object.fromEntries(given);
    },
  });
}
