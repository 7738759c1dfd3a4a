import { LakeError } from '../../adapters/ports/errors';
import { noFailpoint } from '../failpoint';
import type { Manifest, PortsOf } from '../manifest';
import type { Tokeniser } from '../privacy/tokens';
import type { HostEnvironment } from './host-environment';
import type { HostParts } from './host-parts';
import { type AdapterFactories, inject, sharedFactories } from './injection';
import { readTokeniser } from './wrapped-pseudonym-key';

type Served = Pick<HostEnvironment, 'function' | 'binding'>;
type PseudonymPorts = Parameters<typeof readTokeniser>[0];

/** The parts of a process that serves one function, over whatever adapters its host has. */
export class FunctionParts implements HostParts {
  readonly failpoint = noFailpoint;
  readonly #served: Served;
  readonly #factories: AdapterFactories;
  #ports: object | undefined;
  readonly #closes: (() => Promise<void>)[] = [];

  /** @param factoriesOf is given what closes an adapter with these parts. */
  constructor(
    served: Served,
    factoriesOf: (
      closing: <Adapter extends { close(): Promise<void> }>(adapter: Adapter) => Adapter,
    ) => AdapterFactories,
  ) {
    this.#served = served;
    this.#factories = sharedFactories(
      factoriesOf((adapter) => {
        this.#closes.push(() => adapter.close());
        return adapter;
      }),
    );
  }

  ports<OneManifest extends Manifest>(manifest: OneManifest): PortsOf<OneManifest> {
    if (manifest.name !== this.#served.function)
      throw new LakeError('InvalidArgument', `This process serves another function than ${manifest.name}.`);
    const ports = inject(manifest, this.#served.binding, this.#factories);
    this.#ports = ports;
    return ports;
  }

  /** @throws LakeError `InvalidArgument` for a function that does not ingest, or has not asked for its ports yet. */
  async tokeniser(): Promise<Tokeniser> {
    const { wrappedKeys, pseudonymKey } = (this.#ports ?? {}) as Partial<PseudonymPorts>;
    if (wrappedKeys === undefined || pseudonymKey === undefined)
      throw new LakeError('InvalidArgument', `The function ${this.#served.function} declares no pseudonym key.`);
    return readTokeniser({ wrappedKeys, pseudonymKey });
  }

  async close(): Promise<void> {
    for (const close of this.#closes) await close();
  }
}

/** Refuses a kind of binding that a host has no adapter for. */
export function unsupported(host: string, kind: string): never {
  throw new LakeError('Unsupported', `The ${host} host has no adapter for a ${kind} binding. Use another kind.`);
}
