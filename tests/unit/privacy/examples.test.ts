import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import { parseJson } from '../../../functions/fhir/json';
import { splitResource } from '../../../functions/privacy/split';
import { isObject } from '../../../functions/privacy/split-state';
import { contextWith } from './split-context';

const shared = process.env.LAKE_SHARED ?? resolve(__dirname, '../../../../shared');
const folders = [join(shared, 'data/examples'), join(shared, 'data/ukcore/package/example')];

function* jsonFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // STU3 is refused before it comes to the split.
    if (entry.isDirectory() && !entry.name.startsWith('stu3')) yield* jsonFiles(path);
    else if (/\.(?:nd)?json$/.test(entry.name)) yield path;
  }
}

/** The resources of a file, Bundle entries with the id the landing step would give them; empty when it is no JSON. */
function resourcesOf(path: string): { resources: JsonObject[]; ids: Map<string, string> } {
  const bytes = readFileSync(path);
  const texts = path.endsWith('.ndjson')
    ? bytes
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    : [bytes];
  const resources: JsonObject[] = [];
  const ids = new Map<string, string>();
  for (const text of texts) {
    let value: JsonValue;
    try {
      value = parseJson(typeof text === 'string' ? Buffer.from(text) : text);
    } catch {
      continue;
    }
    if (!isObject(value) || typeof value.resourceType !== 'string') continue;
    resources.push({ id: 'given', ...value });
    for (const entry of value.resourceType === 'Bundle' && Array.isArray(value.entry) ? value.entry : []) {
      if (!isObject(entry) || !isObject(entry.resource)) continue;
      const id =
        typeof entry.resource.id === 'string' ? entry.resource.id : String(entry.fullUrl).replace(/^urn:uuid:/, '');
      ids.set(String(entry.fullUrl), `${String(entry.resource.resourceType)}/${id}`);
      resources.push({ ...entry.resource, id });
    }
  }
  return { resources, ids };
}

const strings = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(strings)
      : [];

/** What names a Patient or RelatedPerson of a file: identifiers, names, telephone numbers, address lines, full postcodes, ids. */
function namesOf(resources: readonly JsonObject[]): Set<string> {
  const found = new Set<string>();
  for (const resource of resources.flatMap((one) => [
    one,
    ...(Array.isArray(one.contained) ? one.contained.filter(isObject) : []),
  ])) {
    if (resource.resourceType !== 'Patient' && resource.resourceType !== 'RelatedPerson') continue;
    const items = (key: string) => (Array.isArray(resource[key]) ? resource[key].filter(isObject) : []);
    const texts = [
      ...items('identifier').map(({ value }) => value),
      ...items('telecom').map(({ value }) => value),
      ...items('name').flatMap(({ family, given, text }) => [family, text, ...(Array.isArray(given) ? given : [])]),
      ...items('address').flatMap(({ line, postalCode, text }) => [
        text,
        postalCode,
        ...(Array.isArray(line) ? line : []),
      ]),
      resource.id === 'given' ? undefined : resource.id,
    ];
    // Two or three letters turn up in any token by chance, and one example calls its patient Patient.
    for (const text of texts)
      if (typeof text === 'string' && text.trim().length > 3 && !/^patient$/i.test(text))
        found.add(text.trim().toLowerCase());
  }
  return found;
}

/** Folded case, and digits alone for numbers of seven digits or more: `943-476-5919` is found as `9434765919`. */
function hits(output: unknown, names: ReadonlySet<string>): string[] {
  const leaves = strings(output).map((leaf) => leaf.toLowerCase());
  const digitLeaves = leaves.map((leaf) => (/^[0-9\s().+-]+$/.test(leaf) ? leaf.replace(/[^0-9]/g, '') : leaf));
  return [...names].filter((name) => {
    const digits = name.replace(/[^0-9]/g, '');
    const numeric = digits.length >= 7 && /^[0-9\s().+-]+$/.test(name);
    return (
      leaves.some((leaf) => leaf === name || (name.length > 5 && leaf.includes(name))) ||
      (numeric && digitLeaves.some((leaf) => leaf.includes(digits)))
    );
  });
}

describe('privacy split of example data', () => {
  before(function () {
    const missing = folders.filter((folder) => !existsSync(folder));
    if (missing.length === 0) return;
    console.log('      not run: the shared example data is absent (set LAKE_SHARED)');
    this.skip();
  });

  it('leaves no identifier, name, number, address line or id of any patient in the clinical copies of its file', () => {
    let split = 0;
    let held = 0;
    let searched = 0;
    for (const folder of folders) {
      for (const path of jsonFiles(folder)) {
        const { resources, ids } = resourcesOf(path);
        const names = namesOf(resources);
        searched += names.size;
        const context = contextWith({ resolveReference: (reference) => ids.get(reference) });
        for (const resource of resources) {
          const result = splitResource(resource, context);
          const output = result.kind === 'split' ? { ...result, identity: undefined } : result;
          if (result.kind === 'split') split += 1;
          else held += 1;
          const found = hits(output, names);
          assert.equal(
            found.length,
            0,
            `${relative(shared, path)}: ${String(resource.resourceType)} has ${found.length} hits`,
          );
        }
      }
    }
    assert.ok(split > 5000 && searched > 500, `${split} split, ${searched} names searched`);
    assert.ok(held < split * 0.05, `${held} of ${split + held} in quarantine`);
    console.log(`      ${split} split, ${held} quarantined, ${searched} names searched`);
  }).timeout(60_000);

  it('keeps the subject of what it splits', () => {
    let withSubject = 0;
    let kept = 0;
    for (const path of jsonFiles(join(shared, 'data/examples/synthea-transaction'))) {
      const { resources, ids } = resourcesOf(path);
      const context = contextWith({ resolveReference: (reference) => ids.get(reference) });
      for (const resource of resources) {
        if (!isObject(resource.subject) && !isObject(resource.patient)) continue;
        withSubject += 1;
        const result = splitResource(resource, context);
        if (result.kind === 'split' && result.patientRef !== undefined && result.clinicalDate !== undefined) kept += 1;
      }
    }
    assert.ok(withSubject > 1000);
    assert.ok(kept >= withSubject * 0.99, `${kept} of ${withSubject}`);
  }).timeout(60_000);
});
