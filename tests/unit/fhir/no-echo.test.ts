import assert from 'node:assert/strict';
import { resourceTypes } from '../../../functions/fhir/definitions';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';
import { mutantsOf } from './mutators';
import { sampleResource, seededPick } from './sample-builder';

const marker = 'MARKER7731';
const markerNumber = 7731773177;

/** Every text and number replaced by a marker, and a marker among the names of every object. */
function marked(value: JsonValue, top = false): JsonValue {
  if (typeof value === 'string') return marker;
  if (typeof value === 'number') return markerNumber;
  if (Array.isArray(value)) return value.map((item) => marked(item));
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = { [marker]: marker };
  for (const [key, item] of Object.entries(value))
    copy[key] = top && key === 'resourceType' ? item : marked(item as JsonValue);
  return copy;
}

const isClean = (text: string): boolean =>
  !text.includes(marker) && !text.includes('Markersmith') && !text.includes(String(markerNumber));

describe('diagnostics', () => {
  const validator = new Validator({ maxIssues: 10_000 });

  it('never repeat a submitted text, number or name, over all resource types', () => {
    let issues = 0;
    for (const [index, type] of resourceTypes.entries()) {
      const resource = marked(sampleResource(type, seededPick(index + 1), 30), true);
      for (const issue of validator.validate(resource)) {
        issues += 1;
        assert.ok(isClean(JSON.stringify(issue)), `${type}: ${issue.code}`);
      }
    }
    assert.ok(issues > 1000, String(issues));
  });

  it('never repeat a marker beside any kind of fault', () => {
    for (const [index, type] of resourceTypes.entries()) {
      const pick = seededPick(index + 77);
      for (const { resource } of mutantsOf(sampleResource(type, pick, 20), pick)) {
        const texts = JSON.stringify(resource, (key, value) =>
          typeof value === 'string' && key !== 'resourceType' ? `${value}${marker}` : value,
        );
        for (const issue of validator.validate(JSON.parse(texts)))
          assert.ok(isClean(JSON.stringify(issue)), issue.code);
      }
    }
  });

  it('never repeat what stands for the resource type', () => {
    for (const resourceType of [marker, 'Markersmith', `Patient ${marker}`, [marker], { [marker]: 1 }])
      assert.ok(isClean(JSON.stringify(validator.validate({ resourceType, id: marker }))));
  });

  it('say what is allowed', () => {
    const [issue] = validator.validate({ resourceType: 'Patient', gender: marker });
    assert.match(issue!.diagnostics, /female, male, other, unknown/);
  });
});
