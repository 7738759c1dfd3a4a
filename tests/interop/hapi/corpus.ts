import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { resourceTypes } from '../../../functions/fhir/definitions';
import { readPackage } from '../../../functions/fhir/generator/read-package';
import type { JsonObject } from '../../../functions/fhir/json';
import { mutantsOf } from '../../unit/fhir/mutators';
import { sampleResource, seededPick } from '../../unit/fhir/sample-builder';
import { blindEditsOf } from './blind-edits';

/** A resource as its text: what two validators are compared on. */
export interface Case {
  readonly group: 'published' | 'definition' | 'made' | 'claimed' | 'mutant' | 'blind edit';
  /** Where it is from, or the kind of its fault. */
  readonly name: string;
  readonly text: string;
  /** The index of the case this one is a changed copy of: only what the change brings is compared. */
  readonly base?: number;
}

const jsonFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ndjson|json)$/.test(file) && !/(^|\/)(log\.ndjson|package\.json)$/.test(file))
    .sort();

/** The resources of published files, lines of NDJSON thinned to one in `step`. */
function published(folder: string, step = 1): Case[] {
  return jsonFiles(folder).flatMap((file): Case[] => {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!file.endsWith('.ndjson')) return [{ group: 'published', name: file, text: JSON.stringify(JSON.parse(text)) }];
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines
      .map((line, index): Case => ({ group: 'published', name: `${file}:${index + 1}`, text: line }))
      .filter((_, at) => at % step === 0);
  });
}

/** R4's own definitions as instances, thinned: they are the resources with the deepest invariants. */
const definitionsAsCases = (archive: string, step: number): Case[] =>
  readPackage(readFileSync(archive))
    .filter((_, at) => at % step === 0)
    .map((resource) => ({
      group: 'definition',
      name: `${String(resource.resourceType)}/${String(resource.id)}`,
      text: JSON.stringify(resource),
    }));

const madeCases = (): Case[] =>
  resourceTypes.map((type, index) => ({
    group: 'made',
    name: type,
    text: JSON.stringify(sampleResource(type, seededPick(1 + index), 25)),
  }));

const core = 'https://fhir.hl7.org.uk/StructureDefinition/';

/** Each resource with the claim to the profile its file is named after, or to that of its type: most published ones claim none. */
function claiming(cases: readonly Case[], profiles: readonly string[]): Case[] {
  const longestFirst = [...profiles].sort((one, other) => other.length - one.length);
  return cases.map(({ name, text }) => {
    const resource = JSON.parse(text) as JsonObject;
    const type = `UKCore-${String(resource.resourceType)}`;
    const profile =
      longestFirst.find((url) => url.startsWith(core + type) && name.startsWith(url.slice(core.length))) ?? core + type;
    const meta = { ...(resource.meta as JsonObject | undefined), profile: [profile] };
    return { group: 'claimed', name, text: JSON.stringify({ ...resource, meta }) };
  });
}

/** Copies of the cases, each with one fault of a known kind. */
const mutantCases = (cases: readonly Case[], offset: number): Case[] =>
  cases.flatMap(({ text }, index) =>
    mutantsOf(JSON.parse(text) as JsonObject, seededPick(7 + index)).map(
      ({ kind, expression, resource }): Case => ({
        group: 'mutant',
        name: `${kind} at ${expression}`,
        text: JSON.stringify(resource),
        base: offset + index,
      }),
    ),
  );

const blindCases = (cases: readonly Case[], offset: number, seed = 11): Case[] =>
  cases.flatMap(({ text, name }, index) =>
    blindEditsOf(JSON.parse(text) as JsonObject, seededPick(seed + index)).map(
      ({ kind, path, resource }): Case => ({
        group: 'blind edit',
        name: `${kind}: ${path} of ${name}`,
        text: JSON.stringify(resource),
        base: offset + index,
      }),
    ),
  );

/** Everything compared, from the folder of shared data. The same data give the same cases. */
export function corpus(shared: string): Case[] {
  const data = join(shared, 'data');
  const examples = join(data, 'examples');
  const made = madeCases();
  const ukCore = published(join(data, 'ukcore', 'package', 'example'));
  const r4 = published(join(examples, 'r4-spec-examples'));
  const others = readdirSync(examples)
    .filter((name) => statSync(join(examples, name)).isDirectory() && !/licences|stu3|r4-spec-examples/.test(name))
    .flatMap((name) => published(join(examples, name), 8));
  const profiles = readPackage(readFileSync(join(data, 'ukcore', 'snapshots.tgz'))).map(({ url }) => String(url));
  const claimed = claiming(ukCore, profiles);
  const plain = [...made, ...ukCore, ...r4];
  // Those small enough to be edited: NHS messages and documents, and one line in many of a bulk export.
  const small = others.filter(
    ({ text, name }, at) => text.length < 20_000 && (!name.includes('.ndjson') || at % 9 === 0),
  );
  return [
    ...plain,
    ...claimed,
    ...small,
    ...others.filter((one) => !small.includes(one)),
    ...definitionsAsCases(join(data, 'r4-core', 'r4-core-4.0.1.tgz'), 12),
    ...mutantCases(made, 0),
    ...blindCases([...ukCore, ...r4], made.length),
    ...[13, 1013, 2013].flatMap((seed) => blindCases([...claimed, ...small], plain.length, seed)),
  ];
}
