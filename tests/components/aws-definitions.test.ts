import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { asset } from '@pulumi/pulumi';
import { awsArchive, awsCodeVersion } from '../../components/function/aws-code';
import { codesOf } from '../../stacks/aws-code';
import { checkCodeSizes } from '../../stacks/aws-code-size';
import { checkDefinitions, definitionsBeside, definitionsOf } from '../../stacks/aws-definitions';
import { awsFunctions } from '../../stacks/aws-functions';
import { readAwsConfig } from '../../stacks/aws-settings';
import { repository } from '../support/machine-tools';
import { purpose, writeMart } from '../support/written-mart';
import { awsSettings, awsSource, fullAwsSettings } from './aws-settings';

const functionNames = awsFunctions({ ingestInstances: 2, tokenIssuer: 'own' }).map(({ manifest }) => manifest.name);
const both = { fhirPackages: 'site/packages', martDefinitions: 'site/marts', signedCode: undefined };
const profile = {
  resourceType: 'StructureDefinition',
  url: 'https://example.org/fhir/StructureDefinition/a',
  derivation: 'constraint',
  type: 'Observation',
  differential: { element: [{ path: 'Observation.category', min: 1 }] },
};

/** What a source loads of the lake's own: types are gone by then. */
const imports = /^(?:import|export) (?!type )(?:[^;]*? from )?'(\.[^']+)';$/gm;
const loads = new Map<string, readonly string[]>();

function loadsOf(file: string): readonly string[] {
  const known =
    loads.get(file) ??
    [...(existsSync(file) ? readFileSync(file, 'utf8') : '').matchAll(imports)].map(
      ([, name = '']) => `${join(dirname(file), name)}.ts`,
    );
  loads.set(file, known);
  return known;
}

/** Every source that is loaded with this one. */
function reached(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of loadsOf(file)) reached(next, seen);
  return seen;
}

describe('Definitions of a site on AWS', () => {
  let folder: string;
  let named: string;
  before(() => {
    mkdirSync(join(repository, 'dist'), { recursive: true });
    folder = mkdtempSync(join(repository, 'dist', 'definitions-'));
    named = relative(repository, folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (file: string, contents: unknown): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), typeof contents === 'string' ? contents : JSON.stringify(contents));
  };

  it('go to the functions that read them, and to no other', () => {
    const { readsMarts } = require('../../functions/cli/build.js') as { readonly readsMarts: readonly string[] };
    for (const name of functionNames) {
      const handler = join(repository, 'functions/hosts/aws-lambda/functions', `${name}.ts`);
      const sources = reached(handler);
      assert.ok(sources.has(join(repository, 'functions/hosts/aws-lambda/lambda-parts.ts')), name);
      // Both halves of an erasure are one source; only one of them is given more of its environment than its ports.
      const rest = readFileSync(handler, 'utf8').replaceAll(/async \(environment|lambdaParts\(environment/g, '');
      const reads = (file: string): boolean => sources.has(join(repository, file)) && /environment[,).;]/.test(rest);
      const packages = reads('functions/ingest/profile-folder.ts');
      const marts = reads('functions/marts/mart-definitions.ts');
      assert.equal(readsMarts.includes(`aws-lambda/${name}/index`), marts, name);
      assert.deepEqual(
        definitionsOf({ name }, both),
        {
          ...(packages ? { LAKE_PACKAGES: '/var/task/fhirPackages' } : {}),
          ...(marts ? { LAKE_MARTS: '/var/task/martDefinitions' } : {}),
        },
        name,
      );
      assert.deepEqual(
        definitionsBeside(name, both),
        {
          ...(packages ? { fhirPackages: join(repository, 'site/packages') } : {}),
          ...(marts ? { martDefinitions: join(repository, 'site/marts') } : {}),
        },
        name,
      );
      assert.deepEqual(definitionsOf({ name }, { signedCode: undefined }), {}, name);
    }
  });

  it('lie in the zip where the function is told, and make it another', async () => {
    write('code/index.js', 'exports.handler = 1;');
    write('packages/one/package/profile.json', profile);
    const beside = { fhirPackages: join(folder, 'packages') };
    const code = { kind: 'folder', folder: join(folder, 'code'), beside } as const;
    const { assets } = awsArchive(code) as asset.AssetArchive;
    assert.deepEqual(codesOf({ signedCode: undefined, fhirPackages: `${named}/packages` }, [])('ingest'), {
      ...code,
      folder: join(repository, 'dist', 'aws-lambda', 'ingest'),
    });
    assert.deepEqual(Object.keys(await assets), ['index.js', 'fhirPackages/one/package/profile.json']);
    const first = awsCodeVersion(code);
    write('packages/one/package/profile.json', { ...profile, version: '2' });
    assert.notEqual(awsCodeVersion(code), first);
    assert.notEqual(awsCodeVersion({ kind: 'folder', folder: code.folder }), first);
  });

  it('are refused as the functions would refuse them, before anything is made', () => {
    const problemsOf = (setting: 'fhirPackages' | 'martDefinitions', place: string): string =>
      checkDefinitions({ signedCode: undefined, [setting]: `${named}/${place}` }).join();
    assert.match(problemsOf('fhirPackages', 'nowhere'), /^fhirPackages: there is no such folder; allowed: a folder of/);
    mkdirSync(join(folder, 'empty'));
    assert.match(problemsOf('fhirPackages', 'empty'), /^fhirPackages: The folder of FHIR packages holds none/);
    assert.match(problemsOf('martDefinitions', 'empty'), /^martDefinitions: The library of marts holds none/);
    write('examples/one/patient.json', { resourceType: 'Patient' });
    assert.match(problemsOf('fhirPackages', 'examples'), /The package folder one has no JSON definitions/);
    write('cut/one/profile.json', JSON.stringify(profile).slice(0, -1));
    assert.match(problemsOf('fhirPackages', 'cut'), /The file profile.json of a package is no JSON/);
    write('empty-profile/one/profile.json', { ...profile, differential: undefined });
    assert.match(problemsOf('fhirPackages', 'empty-profile'), /StructureDefinition\/a has no differential/);
    write('good/one/package/profile.json', profile);
    assert.equal(problemsOf('fhirPackages', 'good'), '');
    mkdirSync(join(folder, 'linked'));
    symlinkSync(join(folder, 'good'), join(folder, 'linked', 'one'));
    assert.match(problemsOf('fhirPackages', 'linked'), /it holds a link/);
  });

  it('of marts are compiled as well, and called as their tables', () => {
    const problemsOf = (place: string): string =>
      checkDefinitions({ signedCode: undefined, martDefinitions: `${named}/${place}` }).join();
    const marts = join(folder, 'marts');
    writeMart(marts, 'conditions', [purpose('planning')]);
    assert.equal(problemsOf('marts'), '');
    const wrong = (change: (mart: string) => void): string => {
      rmSync(join(folder, 'wrong'), { recursive: true, force: true });
      cpSync(marts, join(folder, 'wrong'), { recursive: true });
      change(join(folder, 'wrong', 'conditions'));
      return problemsOf('wrong');
    };
    assert.match(
      wrong((mart) => rmSync(join(mart, 'Library.json'))),
      /The mart conditions: It needs exactly one SQLQuery Library/,
    );
    assert.match(
      wrong((mart) => rmSync(join(mart, 'conditions.sql'))),
      /The mart conditions: .*names a file that is not/,
    );
    assert.match(
      wrong((mart) => rmSync(join(mart, 'ViewDefinition.json'))),
      /The mart conditions: .*names nothing that is known here/,
    );
    assert.match(
      wrong((mart) => {
        const view = readFileSync(join(mart, 'ViewDefinition.json'), 'utf8');
        writeFileSync(join(mart, 'ViewDefinition.json'), view.replace('code.coding.first()', 'code.coding.('));
      }),
      /The mart conditions: select\[0\]\.column\[1\]\.path/,
    );
    assert.match(
      wrong((mart) => cpSync(mart, join(dirname(mart), 'My-Mart'), { recursive: true })),
      /The mart My-Mart: its folder is named by/,
    );
  });

  it('are told with everything else that is wrong, and stay inside the project', () => {
    const given = { ...awsSettings, fhirPackages: '../packages', martDefinitions: 'nowhere', logDays: 'many' };
    assert.throws(
      () => readAwsConfig(awsSource(given)),
      /fhirPackages: "..\/packages"; allowed[\s\S]*logDays: "many"[\s\S]*martDefinitions: there is no such folder/,
    );
  });

  it('are no larger than Lambda takes, unpacked with the query engine, and zipped', () => {
    write('large/index.js', '');
    write('large-packages/one.json', 'a'.repeat(3000));
    const ingest = { folder: join(folder, 'large'), beside: { fhirPackages: join(folder, 'large-packages') } };
    const marts = { folder: join(folder, 'large'), beside: { martDefinitions: join(folder, 'large-packages') } };
    truncateSync(join(folder, 'large-packages', 'one.json'), 250 * 1024 ** 2 + 1);
    assert.throws(
      () => codesOf({ signedCode: undefined, fhirPackages: `${named}/large-packages` }, ['dispatch', 'ingest']),
      /fhirPackages: with it the code of ingest is 25[0-9] MB unpacked; allowed: 250 MB/,
    );
    truncateSync(join(folder, 'large-packages', 'one.json'), 3000);
    const takes = { unpacked: 4000, zipped: 2000 };
    checkCodeSizes({ ingest, other: { folder: '/nowhere', beside: {} } }, takes);
    const refused = (code: typeof ingest | typeof marts, most = takes) =>
      assert.throws.bind(assert, () => checkCodeSizes({ it: code }, most));
    refused(ingest, { unpacked: 2999, zipped: 2000 })(/fhirPackages: with it the code of it is 1 MB unpacked/);
    refused(ingest, { unpacked: 4000, zipped: 200 })(/fhirPackages: with it the code of it is 1 MB zipped/);
    refused(marts)(/martDefinitions: with it the code of it is [0-9]{2} MB unpacked/);
  });

  it('are in zips that were signed, where the site says so', () => {
    const signedCode = JSON.parse(fullAwsSettings.signedCode ?? '') as object;
    const read = (values: object) => readAwsConfig(awsSource({ ...fullAwsSettings, ...values }));
    assert.throws(
      () => read({ fhirPackages: 'functions' }),
      /fhirPackages: allowed without signedCode.* into those of ingest, bulk-import, quarantine-replay before .* signedCode.fhirPackages/,
    );
    assert.throws(() => read({ signedCode: JSON.stringify({ ...signedCode, fhirPackages: '../etc' }) }), /signedCode/);
  });
});
