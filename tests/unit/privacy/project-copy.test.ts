import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { resourceTypes } from '../../../functions/fhir/definitions';
import { namesIn, projectCopy } from '../../../functions/privacy/project-copy';
import { splitResource } from '../../../functions/privacy/split';
import { projectNames } from '../../../functions/privacy/tokens';
import { buildResource, variantsOf } from './resource-builder';
import { contextWith, keyOf } from './split-context';

/** Every string of a JSON value, and every piece of it between the signs that stand around ids. */
function* pieces(value: unknown): Generator<string> {
  if (typeof value === 'string') yield* [value, ...value.split(/[/#:|]/)];
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* pieces(inner);
}

/** What only the key can have made: 33 bytes whose first is the version of the key. */
const isPseudonym = (text: string): boolean =>
  /^[A-Za-z0-9_.-]{44}$/.test(text) && Buffer.from(text.replaceAll('.', '_'), 'base64url')[0] === 1;

describe('the copy of a resource for one research project', () => {
  it('names no pseudonym of the lake and nothing another project names, in any resource type', () => {
    const [one, two] = [projectNames(keyOf(2)), projectNames(keyOf(3))];
    let seen = 0;
    for (const type of resourceTypes) {
      for (let variant = 0; variant < variantsOf(type); variant += 1) {
        const result = splitResource(buildResource(type, variant).resource, contextWith());
        assert.equal(result.kind, 'split');
        if (result.kind !== 'split') continue;
        const text = JSON.stringify(result.clinical);
        const own = new Set([...pieces(result.clinical)].filter(isPseudonym));
        assert.deepEqual(new Set(namesIn(text).filter(isPseudonym)), own, type);
        const [first, second] = [one, two].map((nameOf) => new Set(pieces(JSON.parse(projectCopy(text, nameOf)))));
        for (const name of own) {
          seen += 1;
          assert.ok(!first!.has(name) && !second!.has(name), `${type}: a pseudonym of the lake is left`);
          assert.ok(first!.has(one(name)) && !second!.has(one(name)), type);
        }
      }
    }
    assert.ok(seen > 1500, `${seen} pseudonyms seen`);
  }).timeout(30_000);

  it('leaves everything clinical letter for letter', () => {
    const { resource } = buildResource('Observation', 0);
    const result = splitResource(resource, contextWith());
    assert.ok(result.kind === 'split');
    const text = JSON.stringify(result.clinical);
    assert.equal(
      projectCopy(text, (name) => name),
      text,
    );
  });

  it('renames organisations wherever their register stands, and no other code', () => {
    const nameOf = (name: string) => createHash('sha256').update(name).digest('hex');
    const text =
      '{"a":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RX901"},"b":{"system":"http://snomed.info/sct","code":"195967001"}}';
    const copy = projectCopy(text, nameOf);
    assert.ok(!copy.includes('RX901'));
    assert.ok(copy.includes('"system":"http://snomed.info/sct","code":"195967001"'));
  });
});
