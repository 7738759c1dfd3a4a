import { randomUUID } from 'node:crypto';
import type { EntryRequest } from './interaction';
import type { Expectation, Ledger } from './ledger';
import { conditionalReference, type ReferenceResolver, referencesIn } from './reference-resolver';
import { Refusal } from './refusal';

/** An entry with its place in the provider's namespace. */
export interface PlacedEntry {
  readonly entry: EntryRequest;
  /** Re-keyed. */
  readonly id: string;
  readonly formerId: string | undefined;
  /** The id the sender knows it by, for Location; undefined when an identifier found it. */
  readonly senderId: string | undefined;
  readonly assignedId: string | undefined;
  readonly expectation: Expectation;
}

/** Gives each entry its id before any reference is resolved, so that entries may refer to each other in any order. */
export async function placeEntries(
  entries: readonly EntryRequest[],
  resolver: ReferenceResolver,
  ledger: Pick<Ledger, 'resolve'>,
): Promise<readonly PlacedEntry[]> {
  const conditions = entries.flatMap(({ target }) => ('criteria' in target ? [target.criteria] : []));
  const conditional = entries.flatMap((entry) =>
    [...referencesIn(entry.resource, entry.path)].flatMap(({ reference, path }) => {
      const criteria = conditionalReference(reference, path);
      return criteria === undefined ? [] : [{ criteria, path }];
    }),
  );
  await resolver.lookUp(ledger, [...conditions, ...conditional.map(({ criteria }) => criteria)]);
  const placed = entries.map((entry) => placeOne(entry, resolver));
  const unique = new Set(
    placed.filter(({ expectation }) => expectation.kind !== 'exists').map(({ entry, id }) => `${entry.type}/${id}`),
  );
  if (unique.size < placed.filter(({ expectation }) => expectation.kind !== 'exists').length) {
    throw Refusal.unprocessable(
      'duplicate',
      'Two entries write the same resource. Send each resource once in a Bundle.',
      'Bundle.entry',
    );
  }
  for (const { criteria, path } of conditional) {
    if (resolver.match(criteria, path) === undefined) {
      throw Refusal.of(
        412,
        'not-found',
        'No resource of yours carries the identifier this conditional reference names. Send that resource first, or in the same Bundle with a fullUrl.',
        path,
      );
    }
  }
  return placed;
}

function placeOne(entry: EntryRequest, resolver: ReferenceResolver): PlacedEntry {
  const { target, type } = entry;
  const done = (
    senderId: string | undefined,
    id: string,
    expectation: Expectation,
    assignedId?: string,
  ): PlacedEntry => {
    resolver.place(entry, id);
    return { entry, id, formerId: resolver.formerOf(id), senderId, assignedId, expectation };
  };
  switch (target.kind) {
    case 'create': {
      const assigned = randomUUID();
      return done(assigned, resolver.rekey(type, assigned), { kind: 'absent' }, assigned);
    }
    case 'update':
      return done(target.id, resolver.rekey(type, target.id), { kind: 'match', version: target.ifMatch });
    case 'upsert':
      return done(target.id, resolver.rekey(type, target.id), { kind: 'any' });
    case 'createIfNone':
    case 'conditionalUpdate': {
      const found = resolver.match(target.criteria, entry.path);
      if (found !== undefined)
        return done(undefined, found, { kind: target.kind === 'createIfNone' ? 'exists' : 'any' });
      const assigned = randomUUID();
      const id = resolver.rekey(type, assigned);
      resolver.remember(target.criteria, id);
      return done(assigned, id, { kind: 'absent' }, assigned);
    }
  }
}
