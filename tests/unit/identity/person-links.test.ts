import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type LinkClaim,
  type LinkDecision,
  putClaim,
  putDecision,
  putSupersession,
  type Supersession,
} from '../../../functions/identity/person-links';
import { anIdentityRecord, IdentityZone } from './identity-zone';

const numbers = ['9990000018', '9990000026', '9990000034', '9990000042'] as const;
const patients = ['Patient/a', 'Patient/b', 'Patient/c'] as const;

type Fact =
  | { readonly fact: 'claim'; readonly value: LinkClaim }
  | { readonly fact: 'decision'; readonly value: LinkDecision }
  | { readonly fact: 'supersession'; readonly value: Supersession };

const at = (step: number): string => new Date(Date.UTC(2026, 0, 1) + step * 1000).toISOString();

/** Facts at distinct times; numbers are only ever superseded by later ones of the list, as PDS never goes in a circle. */
const facts: fc.Arbitrary<readonly Fact[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('claim', 'claim', 'bears', 'apart', 'withdrawn', 'supersede', 'restore'),
      patientRef: fc.constantFrom(...patients),
      first: fc.nat(3),
      second: fc.nat(3),
      none: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) =>
    drafts.map(({ kind, patientRef, first, second, none }, step): Fact => {
      const number = numbers[first]!;
      if (kind === 'claim')
        return { fact: 'claim', value: { patientRef, nhsNumber: none ? undefined : number, source: at(step) } };
      if (kind === 'supersede' || kind === 'restore') {
        const replacement = kind === 'restore' || second <= first ? undefined : numbers[second];
        return { fact: 'supersession', value: { old: number, replacement, decided: at(step) } };
      }
      return {
        fact: 'decision',
        value: { patientRef, kind: kind as LinkDecision['kind'], nhsNumber: number, decided: at(step) },
      };
    }),
  );

/** What the rules say, worked out in one go from the newest facts. */
function expected(all: readonly Fact[]): ReadonlyMap<string, string> {
  const newest = <Kind extends Fact['fact']>(fact: Kind, is: (value: never) => boolean) =>
    (all as readonly { fact: string; value: never }[]).filter((one) => one.fact === fact && is(one.value)).at(-1)
      ?.value as Extract<Fact, { fact: Kind }>['value'] | undefined;
  const standing = (number: string | undefined): string | undefined => {
    const next =
      number === undefined ? undefined : newest('supersession', (one: Supersession) => one.old === number)?.replacement;
    return next === undefined ? number : standing(next);
  };
  const groups = new Map<string, string>();
  for (const patientRef of patients) {
    const claim = newest('claim', (one: LinkClaim) => one.patientRef === patientRef);
    const decision = newest('decision', (one: LinkDecision) => one.patientRef === patientRef);
    if (claim === undefined && decision === undefined) continue;
    const claimed = standing(claim?.nhsNumber);
    const decided = standing(decision?.nhsNumber);
    const borne =
      decision?.kind === 'bears' ? decided : decision?.kind === 'apart' && claimed === decided ? undefined : claimed;
    groups.set(patientRef, borne ?? `alone ${patientRef}`);
  }
  return groups;
}

const pairsOf = (groups: ReadonlyMap<string, string>): readonly string[] => {
  const pairs: string[] = [];
  for (const [one, first] of groups)
    for (const [two, second] of groups) if (one < two && first === second) pairs.push(`${one}=${two}`);
  return pairs.sort();
};

describe('links of patients to people', () => {
  let zone: IdentityZone;
  beforeEach(async () => {
    zone = await IdentityZone.open();
  });
  afterEach(() => zone.close());

  const put = (fact: Fact): Promise<number> =>
    zone.database.transaction((tx) => {
      if (fact.fact === 'claim') return putClaim(tx, fact.value, at(100));
      return fact.fact === 'decision' ? putDecision(tx, fact.value) : putSupersession(tx, fact.value);
    });
  const people = async (): Promise<ReadonlyMap<string, string>> =>
    new Map((await zone.register.links()).map(({ patientRef, personId }) => [patientRef, personId]));
  const claim = (patientRef: string, nhsNumber: string | undefined, step: number): Fact => ({
    fact: 'claim',
    value: { patientRef, nhsNumber, source: at(step) },
  });

  it('come out the same in whatever order the facts arrive, and however often', async () => {
    await fc.assert(
      fc.asyncProperty(facts, fc.infiniteStream(fc.nat()), async (all, random) => {
        await zone.database.transaction(async (tx) => {
          for (const table of ['link_claim', 'link_decision', 'number_superseded', 'link', 'person'])
            await tx.run(`DELETE FROM ${table}`);
        });
        const shuffled = [...all, ...all.slice(0, 2)]
          .map((fact) => ({ fact, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key);
        for (const { fact } of shuffled) await put(fact);
        const groups = expected(all);
        const linked = await people();
        assert.deepEqual([...linked.keys()].sort(), [...groups.keys()].sort());
        assert.deepEqual(pairsOf(linked), pairsOf(groups));
      }),
      { numRuns: 60 },
    );
  });

  it('join only by a verified number, late as it may come, and part when it is taken back', async () => {
    await put(claim('Patient/a', numbers[0], 1));
    await put(claim('Patient/b', undefined, 2));
    assert.deepEqual(pairsOf(await people()), []);
    await put(claim('Patient/b', numbers[0], 3));
    assert.deepEqual(pairsOf(await people()), ['Patient/a=Patient/b']);
    await put(claim('Patient/b', undefined, 4));
    assert.deepEqual(pairsOf(await people()), []);
  });

  it('keep the person when their number is superseded, and follow the new number', async () => {
    await put(claim('Patient/a', numbers[0], 1));
    const before = (await people()).get('Patient/a');
    await put({ fact: 'supersession', value: { old: numbers[0], replacement: numbers[1], decided: at(2) } });
    assert.equal((await people()).get('Patient/a'), before);
    await put(claim('Patient/b', numbers[1], 3));
    assert.equal((await people()).get('Patient/b'), before);
    assert.deepEqual(await zone.register.patientsOf(numbers[1]), ['Patient/a', 'Patient/b']);
    assert.deepEqual(await zone.register.patientsOf(numbers[0]), ['Patient/a', 'Patient/b']);
  });

  it('refuse a number that would replace itself, and change nothing then', async () => {
    await put({ fact: 'supersession', value: { old: numbers[0], replacement: numbers[1], decided: at(1) } });
    await assert.rejects(
      put({ fact: 'supersession', value: { old: numbers[1], replacement: numbers[0], decided: at(2) } }),
      /replace itself/,
    );
    await put(claim('Patient/a', numbers[0], 3));
    assert.deepEqual(await zone.register.patientsOf(numbers[1]), ['Patient/a']);
  });

  it('are decided about known patients only, with a record of it', async () => {
    const decision: LinkDecision = { patientRef: 'Patient/x', kind: 'apart', nhsNumber: undefined, decided: at(1) };
    await assert.rejects(
      zone.register.decide(decision, anIdentityRecord('unlink', 'lake identity unlink')),
      /knows no/,
    );
    assert.deepEqual(await zone.audited(), []);
  });

  it('take the newest record of a patient, whatever order landed objects are announced in', async () => {
    const row = (verifiedNhsNumber: string | undefined) => ({
      provider: 'A81001',
      type: 'Patient',
      id: 'a',
      requestId: 'r',
      record: JSON.stringify({ people: [], number: verifiedNhsNumber ?? null }),
      verifiedNhsNumber,
    });
    const audit = anIdentityRecord('link', 'job:identity.absorb');
    await zone.register.absorb(
      'A81001/gp/2026/01/02/mkb-2.ndjson',
      { erasures: 0, rows: [row(numbers[1])], reports: [] },
      audit,
    );
    await zone.register.absorb(
      'A81001/general/2026/01/01/mka-1.ndjson',
      { erasures: 0, rows: [row(numbers[0])], reports: [] },
      audit,
    );
    assert.deepEqual(await zone.register.patientsOf(numbers[1]), ['Patient/a']);
    assert.deepEqual(await zone.register.patientsOf(numbers[0]), []);
  });
});
