import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bundle, FhirResource, Identifier } from 'fhir/r4';
import { isLakeError } from '../../../adapters/ports/errors';
import { parseJsonText } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';
import { readNhsNumber } from '../../../functions/privacy/nhs-number';
import { simulatedProviders } from '../../../functions/simulation/providers';
import { type SimulationOptions, simulate } from '../../../functions/simulation/simulate';
import type { SimulatedMessage } from '../../../functions/simulation/simulated-message';
import { sweepsWhole } from '../../support/sweeps';
import { documentsOf, everyObject, resourcesOf } from './simulated-content';

function digestOf(options: SimulationOptions): string {
  const hash = createHash('sha256');
  for (const message of simulate(options)) hash.update(JSON.stringify(message));
  return hash.digest('hex');
}

describe('simulate', () => {
  it('is decided by its seed, letter for letter', () => {
    const digest = digestOf({ people: 60, seed: 7, faults: true });
    assert.equal(digestOf({ people: 60, seed: 7, faults: true }), digest);
    assert.notEqual(digestOf({ people: 60, seed: 8, faults: true }), digest);
    assert.equal(digestOf({ people: 60, seed: '7', faults: true }), digest);
  });

  it('can be iterated again and gives the same', () => {
    const messages = simulate({ people: 3, seed: 1 });
    assert.deepEqual([...messages], [...messages]);
  });

  it('has nobody to tell of when there are no people', () => {
    assert.deepEqual([...simulate({ people: 0, seed: 1 })], []);
  });

  it('refuses options that make no sense', () => {
    const refused: readonly Partial<SimulationOptions>[] = [
      { people: -1 },
      { people: 1.5 },
      { people: 900_000 },
      { start: '2024-01-01', end: '2024-01-01' },
      { start: 'yesterday' },
      { end: '2024-02-31T00:00:00Z' },
    ];
    for (const wrong of refused)
      assert.throws(
        () => simulate({ people: 1, seed: 1, ...wrong }),
        (error) => isLakeError(error, 'InvalidArgument'),
      );
  });

  it('keeps to the period asked for', () => {
    for (const message of simulate({ people: 40, seed: 2, start: '2022-01-01', end: '2023-01-01' })) {
      for (const { resource } of resourcesOf(message)) {
        if (resource.resourceType === 'Encounter') assert.match(resource.period?.start ?? '', /^202[2]-/);
      }
    }
  });

  it('gives people valid NHS numbers of the 999 range only, the old ones too', () => {
    const numbers = new Set<string>();
    for (const message of simulate({ people: 150, seed: 3 })) {
      for (const { system, value } of everyObject(documentsOf(message)) as Iterable<Identifier>) {
        if (typeof value === 'string' && /\/Id\/nhs-number$/.test(String(system))) numbers.add(value);
      }
      for (const [text] of message.body.matchAll(/\b999[ -]?\d{3}[ -]?\d{4}\b/g)) numbers.add(text.replace(/\D/g, ''));
    }
    assert.ok(numbers.size > 140);
    for (const number of numbers) {
      const reading = readNhsNumber(number);
      assert.ok(reading.kind === 'valid' && reading.range === 'synthetic');
    }
  });

  it('sends nothing that FHIR R4 does not allow', () => {
    const validator = new Validator();
    const faults = new Map<string, number>();
    let resources = 0;
    // The rest is for `npm run test:sweeps`.
    const people = sweepsWhole ? 300 : 100;
    for (const message of simulate({ people, seed: 1 })) {
      for (const text of message.kind === 'ndjson' ? message.body.trimEnd().split('\n') : [message.body]) {
        for (const { severity, expression, diagnostics } of validator.validate(parseJsonText(text))) {
          if (severity === 'error' || severity === 'fatal') faults.set(`${expression?.[0]} ${diagnostics}`, 1);
        }
      }
      resources += message.resources;
    }
    assert.deepEqual([...faults.keys()], []);
    assert.ok(resources > people * 60 && resources < people * 130, `${resources} resources`);
  });

  describe('messages', () => {
    const messages: readonly SimulatedMessage[] = [...simulate({ people: 80, seed: 4 })];

    it('come from known providers, in files named by number alone', () => {
      const providers = new Set(simulatedProviders.map(({ ods }) => ods));
      for (const { provider, name, kind } of messages) {
        assert.ok(providers.has(provider));
        assert.match(name, /^[A-Z0-9]{3,6}\/\d{7}-[a-z]+\.(json|ndjson)$/);
        assert.equal(name.split('/')[0], provider);
        assert.equal(name.endsWith('.ndjson'), kind === 'ndjson');
      }
      assert.equal(new Set(messages.map(({ name }) => name)).size, messages.length);
      assert.equal(new Set(messages.map(({ provider }) => provider)).size, simulatedProviders.length);
    });

    it('begin without a byte order mark and count their resources', () => {
      for (const message of messages) {
        assert.notEqual(message.body.charCodeAt(0), 0xfeff);
        assert.equal([...resourcesOf(message)].length, message.resources);
      }
    });

    it('refer inside a Bundle only to what the Bundle holds', () => {
      let internal = 0;
      let conditional = 0;
      for (const message of messages.filter(({ kind }) => kind === 'transaction' || kind === 'message')) {
        const { entry = [] } = JSON.parse(message.body) as Bundle<FhirResource>;
        const fullUrls = entry.map(({ fullUrl }) => fullUrl);
        assert.equal(new Set(fullUrls).size, entry.length);
        const ofBundle = new Set(
          entry.map(({ resource, request }) => `${resource?.resourceType}?${request?.ifNoneExist}`),
        );
        for (const { reference } of everyObject([entry])) {
          if (typeof reference !== 'string') continue;
          if (reference.startsWith('urn:uuid:')) {
            assert.ok(fullUrls.includes(reference));
            internal += 1;
          } else if (reference.includes('?')) {
            assert.ok(ofBundle.has(reference));
            conditional += 1;
          }
        }
      }
      assert.ok(internal > 5000 && conditional > 500);
    });

    it('name as sender the provider that sends them', () => {
      for (const { kind, body, provider } of messages) {
        if (kind !== 'message') continue;
        const header = (JSON.parse(body) as Bundle<FhirResource>).entry?.[0]?.resource;
        assert.ok(header?.resourceType === 'MessageHeader');
        assert.equal(header.sender?.identifier?.value, provider);
      }
    });

    it('repeat some messages letter for letter, and say so', () => {
      const seen = new Map<string, string>();
      let repeated = 0;
      for (const { body, provider, expectations } of messages) {
        const before = seen.get(body);
        assert.equal(before !== undefined, expectations?.[0]?.expected === 'duplicate');
        if (before !== undefined) {
          assert.equal(before, provider);
          repeated += 1;
        }
        seen.set(body, provider);
      }
      assert.ok(repeated > 5);
    });

    it('bring updates after what they update', () => {
      const firstSeen = new Map<string, number>();
      let updates = 0;
      const corrected = new Set(['Observation', 'Condition']);
      for (const [place, message] of messages.entries()) {
        for (const { resource, request } of resourcesOf(message)) {
          const [own] = [(resource as { identifier?: Identifier | Identifier[] }).identifier].flat();
          const key = `${message.provider} ${resource.resourceType} ${own?.value ?? resource.id}`;
          if (corrected.has(resource.resourceType) && request?.method === 'PUT') {
            assert.ok((firstSeen.get(key) ?? place) < place);
            updates += 1;
          }
          if (!firstSeen.has(key)) firstSeen.set(key, place);
        }
      }
      assert.ok(updates > 10);
    });

    it('carry the mess of real senders', () => {
      const resources: FhirResource[] = messages.flatMap((message) =>
        [...resourcesOf(message)].map(({ resource }) => resource),
      );
      const text = messages.map(({ body }) => body).join('\n');
      for (const sign of [
        '"code":"02"',
        '"code":"nhs-number-not-known"',
        'http://fhir.nhs.net/Id/nhs-number',
        '"display":"Dr ',
        '"use":"old"',
        '"status":"corrected"',
        '"code":"entered-in-error"',
        '<div xmlns=',
        '"contentString":',
        '/StructureDefinition/lsoa',
      ]) {
        assert.ok(text.includes(sign), sign);
      }
      const patients = resources.filter((resource) => resource.resourceType === 'Patient');
      assert.ok(
        patients.some(({ identifier = [] }) => new Set(identifier.map(({ value }) => value)).size < identifier.length),
      );
      assert.ok(patients.some(({ gender }) => gender === undefined));
      assert.ok(patients.some(({ telecom }) => telecom === undefined));
      assert.ok(patients.some(({ birthDate }) => birthDate?.length === 7));
    });
  });

  it('needs no more memory for many people than for few', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // Measured while the generator is alive and part of the way through, so that what it keeps counts.
    const heldAfter = (messages: number): number => {
      const iterator = simulate({ people: 100_000, seed: 6 })[Symbol.iterator]();
      for (let count = 0; count < messages; count += 1) assert.ok(!iterator.next().done);
      collect();
      const held = process.memoryUsage().heapUsed;
      iterator.return?.();
      return held;
    };
    heldAfter(500);
    const few = heldAfter(1000);
    const many = heldAfter(15_000);
    assert.ok(many - few < 8_000_000, `${many - few} bytes more`);
  });
});
