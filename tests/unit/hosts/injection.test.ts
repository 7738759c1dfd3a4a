import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bindingFields, type FunctionBinding } from '../../../adapters/bindings';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { inject } from '../../../functions/hosts/injection';
import { ingestManifest } from '../../../functions/ingest/manifest';
import { defineManifest, key, objectStore, onSchedule } from '../../../functions/manifest';
import { noAdapters } from '../../support/no-adapters';

const { buildWhenStale } = require('../../../functions/cli/build.js') as { buildWhenStale(name: string): string };

const manifest = defineManifest({
  name: 'tester',
  trigger: onSchedule('* * * * *'),
  uses: { landing: objectStore('landing', ['read']), landingKey: key('landing', ['unwrap']) },
});
const fitting: FunctionBinding = {
  landing: { kind: 'memory' },
  landingKey: { kind: 'key-file', folder: '/keys' },
};

/** What a host says of a binding in place of starting: a line for each problem. */
const problemsOf = (binding: unknown): readonly string[] => {
  try {
    inject(manifest, binding as FunctionBinding, noAdapters);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'InvalidArgument');
    const [head, ...lines] = (error as Error).message.split('\n');
    assert.equal(head, 'The binding of tester does not fit its manifest:');
    assert.ok(!(error as Error).message.includes('MARKER'), (error as Error).message);
    return lines.map((line) => line.replace(' - ', ''));
  }
  return assert.fail('It was taken.');
};

describe('the binding of a function', () => {
  const refused: readonly (readonly [what: string, binding: unknown, problems: readonly string[]])[] = [
    ['lacks a port', { landing: fitting.landing }, ['landingKey: no binding was given for this key port']],
    [
      'has a port too many',
      { ...fitting, marts: { kind: 'memory' } },
      ['marts: the manifest of tester declares no such port'],
    ],
    [
      'has a port named as what every object has',
      { ...fitting, constructor: { kind: 'memory' } },
      ['constructor: the manifest of tester declares no such port'],
    ],
    [
      'has nothing at a port',
      { ...fitting, landing: null },
      ['landing: no binding was given for this objectStore port'],
    ],
    ['has a text at a port', { ...fitting, landing: 'MARKER' }, ['landing: must be an object with a kind']],
    ...['MARKER', undefined, 'constructor', 'sqlite'].map(
      (kind) =>
        [
          `has ${kind ?? 'no'} kind`,
          { ...fitting, landing: { kind } },
          ['landing.kind: unknown; objectStore ports take file, memory, s3, azure-blob'],
        ] as const,
    ),
    ['lacks a field', { ...fitting, landingKey: { kind: 'key-file' } }, ['landingKey.folder: must be a string']],
    [
      'has a field of another type, an optional one too',
      { ...fitting, landing: { kind: 's3', bucket: 7, region: 'eu-west-2', forcePathStyle: 'MARKER' } },
      ['landing.bucket: must be a string', 'landing.forcePathStyle: must be a boolean'],
    ],
    [
      'has a field too many',
      { ...fitting, landingKey: { kind: 'key-file', folder: '/keys', password: 'MARKER', toString: 'MARKER' } },
      [
        'landingKey.password: not a field of a key-file binding',
        'landingKey.toString: not a field of a key-file binding',
      ],
    ],
    [
      'is wrong in several ways',
      { landing: { kind: 'file' }, marts: {} },
      [
        'marts: the manifest of tester declares no such port',
        'landing.root: must be a string',
        'landingKey: no binding was given for this key port',
      ],
    ],
  ];
  for (const [what, binding, problems] of refused) {
    it(`is refused when it ${what}, each problem by port and field, without a value`, () => {
      assert.deepEqual(problemsOf(binding), problems);
    });
  }

  it('is refused at each of its kinds without any one of the fields that this kind needs', () => {
    let tried = 0;
    for (const [port, kinds] of Object.entries(bindingFields)) {
      const [use] = Object.values(ingestManifest.uses).filter((one) => one.port === port);
      if (use === undefined) continue;
      const one = defineManifest({ name: 'tester', trigger: onSchedule('* * * * *'), uses: { it: use } });
      for (const [kind, fields] of Object.entries(kinds)) {
        const whole = Object.entries(fields).map(([field, type]) => {
          const values: Readonly<Record<string, unknown>> = { string: 'x', number: 1, boolean: true };
          return [field, values[type.replace('?', '')]] as const;
        });
        for (const [field, type] of Object.entries(fields).filter(([, wanted]) => !wanted.endsWith('?'))) {
          const rest = Object.fromEntries(whole.filter(([name]) => name !== field));
          const binding = { it: { kind, ...rest } } as unknown as FunctionBinding;
          assert.throws(() => inject(one, binding, noAdapters), {
            message: new RegExp(`it[.]${field}: must be a ${type}`),
          });
          tried += 1;
        }
      }
    }
    assert.ok(tried >= 20, `${tried} fields`);
  });

  it('gives exactly the declared ports, each with exactly its declared operations', () => {
    const folder = '/keys';
    const ports = inject(manifest, fitting, {
      ...noAdapters,
      objectStore: () => new MemoryObjectStore(),
      key: (binding) => {
        assert.deepEqual(binding, { kind: 'key-file', folder });
        return { unwrap: () => undefined } as never;
      },
    });
    assert.deepEqual(
      Object.entries(ports).map(([name, port]) => [name, Object.keys(port).sort()]),
      [
        ['landing', ['capabilities', 'read']],
        ['landingKey', ['unwrap']],
      ],
    );
  });

  it('ends the process of a host before it listens, with the problems and nothing else', () => {
    const binding = { landing: { kind: 'MARKER' }, marts: { kind: 'memory' } };
    const { status, stdout, stderr } = spawnSync(process.execPath, [buildWhenStale('knative')], {
      env: {
        LAKE_FUNCTION: 'ingest',
        LAKE_BINDING: JSON.stringify(binding),
        LAKE_ORIGIN: 'https://lake.example.nhs.uk',
        PORT: '0',
      },
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.deepEqual([status, stdout], [1, '']);
    const declared = Object.keys(ingestManifest.uses).filter((name) => name !== 'landing');
    assert.deepEqual(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.replace(/:.*/, '')),
      [
        'The binding of ingest does not fit its manifest',
        ' - marts',
        ' - landing.kind',
        ...declared.map((name) => ` - ${name}`),
      ],
    );
    assert.ok(!stderr.includes('MARKER'));
  });
});
