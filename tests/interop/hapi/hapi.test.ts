import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackage } from '../../../functions/fhir/generator/read-package';
import { parseJson } from '../../../functions/fhir/json';
import { ukCore as ukCoreTables } from '../../../functions/fhir/uk-core';
import { Validator } from '../../../functions/fhir/validator';
import { agreementOf, type Finding } from './agreement';
import { type Case, corpus } from './corpus';

const shared = process.env.LAKE_SHARED ?? join(__dirname, '..', '..', '..', '..', 'shared');
const ukCore = join(shared, 'data', 'ukcore');
const jars = process.env.LAKE_HAPI ?? '';
const java = process.env.LAKE_JAVA ?? 'java';

/** What HAPI's validator finds in each case, the same definitions at hand. */
function findingsOfHapi(cases: readonly Case[], folder: string): readonly (readonly Finding[])[] {
  const write = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const terminology = readdirSync(join(ukCore, 'package'))
    .filter((name) => /^(ValueSet|CodeSystem)-/.test(name))
    .map((name): unknown => JSON.parse(readFileSync(join(ukCore, 'package', name), 'utf8')));
  const definitions = [...readPackage(readFileSync(join(ukCore, 'snapshots.tgz'))), ...terminology];
  const verdicts = join(folder, 'verdicts.ndjson');
  const files = [
    write(
      'definitions.ndjson',
      definitions.map((one) => JSON.stringify(one)),
    ),
    write(
      'cases.ndjson',
      cases.map(({ text }) => text),
    ),
    verdicts,
  ];
  execFileSync(java, ['-Xmx3g', '-cp', join(jars, '*'), join(__dirname, 'Verdicts.java'), ...files], {
    stdio: 'ignore',
  });
  return readFileSync(verdicts, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      (JSON.parse(line) as [string, string, string][]).map(([id, place, message]) => ({
        text: `${id}: ${message}`,
        // Without the type and id of a resource, which HAPI writes between /* and */: the id may be what was changed.
        place: place.replace(/\/\*.*?\*\//g, ''),
      })),
    );
}

const findingsOfLake = (validator: Validator, { text }: Case): readonly Finding[] =>
  validator
    .validate(parseJson(Buffer.from(text)))
    .filter(({ severity }) => severity === 'error')
    .map(({ code, diagnostics, expression = [] }) => ({ text: `${code} ${diagnostics}`, place: expression[0] ?? '' }));

describe('the verdicts of the lake and of HAPI', () => {
  let folder: string;

  before(function () {
    const missing = [
      ...(jars !== '' && existsSync(jars)
        ? []
        : ['the folder of jars (LAKE_HAPI; how to fill it stands in pom.xml beside)']),
      ...(existsSync(ukCore) ? [] : ['the shared data (LAKE_SHARED)']),
    ];
    if (missing.length > 0) {
      process.stderr.write(`skipped, not compared with HAPI at all: ${missing.join(' and ')} is not there\n`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'lake-hapi-'));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('are the same but for named differences, on at least 3,000 resources', function () {
    this.timeout(3_600_000);
    const validator = new Validator({ packages: [ukCoreTables()], maxIssues: 10_000 });
    const cases = corpus(shared);
    const { valid, invalid, explained, unexplained } = agreementOf(cases, {
      hapi: findingsOfHapi(cases, folder),
      lake: cases.map((one) => findingsOfLake(validator, one)),
    });
    process.stderr.write(
      `${cases.length} resources: ${valid} valid and ${invalid} invalid for both, ${unexplained.length} unexplained\n`,
    );
    for (const [{ name, finds }, found] of explained)
      process.stderr.write(`${found.length} only ${finds}: ${name}, e.g. ${found[0]}\n`);
    for (const one of unexplained) process.stderr.write(`unexplained: ${one.slice(0, 300)}\n`);
    assert.ok(cases.length >= 3000, `${cases.length} resources`);
    assert.ok(valid > 1000 && invalid > 1000, 'both verdicts are compared');
    assert.ok(unexplained.length < cases.length * 0.005, `${unexplained.length} unexplained`);
  });
});
