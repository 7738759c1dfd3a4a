import type { KeyBinding, StateBinding } from '../../adapters/bindings';
import {
  keyCapabilities,
  neededByKeys,
  neededByObjectStore,
  objectStoreCapabilities,
  stateCapabilities,
} from '../../adapters/capabilities';
import type { Manifest, Use, Zone } from '../../functions/manifest';

/** What functions of a stack are bound to, as far as it says what can be done there. */
export interface BoundKinds {
  readonly objectStore: (zone: Zone) => Parameters<typeof objectStoreCapabilities>[0];
  readonly key: KeyBinding['kind'];
  readonly state: StateBinding['kind'];
}

/** @throws RangeError for a function whose manifest asks for what its store, its keys or its database cannot do */
export function refuseIncapable({ name, uses }: Manifest, bound: BoundKinds): void {
  for (const [port, use] of Object.entries(uses)) {
    const { kind, has, needed } = capabilitiesOf(use, bound);
    const lacking = needed.filter((capability) => !has.includes(capability));
    if (lacking.length > 0)
      throw new RangeError(
        `${name}: its port ${port} needs ${lacking.join(', ')}, which ${kind} has not here. Give the stack another, or leave the operation out of the manifest.`,
      );
  }
}

interface Capabilities {
  readonly kind: string;
  readonly has: readonly string[];
  readonly needed: readonly string[];
}

function capabilitiesOf(use: Use, { objectStore, key, state }: BoundKinds): Capabilities {
  const neededBy = (table: Readonly<Record<string, string | undefined>>): readonly string[] =>
    use.operations.flatMap((operation) => table[String(operation)] ?? []);
  switch (use.port) {
    case 'objectStore': {
      const bound = objectStore(use.zone);
      return { kind: bound.kind, has: objectStoreCapabilities(bound), needed: neededBy(neededByObjectStore) };
    }
    case 'key':
      return { kind: key, has: keyCapabilities[key], needed: neededBy(neededByKeys) };
    case 'state':
      // Off one machine a function has a role of its own, with the rights of its manifest.
      return { kind: state, has: stateCapabilities[state], needed: ['roles'] };
    default:
      return { kind: use.port, has: [], needed: [] };
  }
}
