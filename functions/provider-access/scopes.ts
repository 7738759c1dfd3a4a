import { resourceTypes } from '../fhir/definitions';

/** What a scope allows: c(reate), u(pdate). */
export type Interaction = 'c' | 'u';

export interface Scope {
  /** A resource type of R4, or `*` for all of them. */
  readonly type: string;
  readonly interactions: readonly Interaction[];
}

// SMART writes the letters in the order c, r, u, d, s; the lake offers the first and the third.
const pattern = /^system\/([A-Z][A-Za-z]+|\*)\.(c|u|cu)$/;
const known = new Set(resourceTypes);

/** The scopes over all types, as discovery lists them; each also exists per resource type. */
export const writeScopes = ['system/*.c', 'system/*.u', 'system/*.cu'] as const;

/** SMART App Launch 2 system scopes for writing: `system/Observation.c`, `system/*.cu`. Undefined for anything else. */
export function parseScope(text: string): Scope | undefined {
  const [, type, interactions] = pattern.exec(text) ?? [];
  if (type === undefined || interactions === undefined || (type !== '*' && !known.has(type))) return undefined;
  return { type, interactions: [...interactions] as Interaction[] };
}

/** Whether these scopes, of a token or of a registration, allow the interaction on the type. Unknown ones allow nothing. */
export function allows(scopes: readonly string[], type: string, interaction: Interaction): boolean {
  return scopes.some((text) => {
    const scope = parseScope(text);
    return (
      scope !== undefined && (scope.type === '*' || scope.type === type) && scope.interactions.includes(interaction)
    );
  });
}

/** Whether a provider registered with these scopes may ask for this one: it must be covered whole. */
export function mayAskFor(registered: readonly string[], asked: string): boolean {
  const scope = parseScope(asked);
  return scope?.interactions.every((interaction) => allows(registered, scope.type, interaction)) ?? false;
}

/** What a sender is told of scopes it may not have: nothing of them, as it sent them. */
export const refusedScopes = (asked: readonly string[]): string =>
  `${asked.length === 0 ? 'scope is missing. ' : ''}Ask for scopes that are registered for the client, as system/{Type}.c, .u or .cu separated by a space.`;
