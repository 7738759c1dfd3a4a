import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';

const folder = join(process.env.LAKE_SHARED ?? join(__dirname, '..', '..', '..', '..', 'shared'), 'data', 'examples');

const instant = 'datatypes.html#instant: seconds and a zone are required';
const required = 'the element is 1..1 in its R4 StructureDefinition';
const list = 'json.html#primitive: a repeating element is an array, others are not; an array is not empty';
const bound = 'terminologies.html#required: the code, with its system, is from the value set';
const target = 'references.html: the target type is one the element names';
const literal = 'references.html#literal: a relative reference is [R4 type]/[id]';
const xhtml =
  'narrative.html#xhtml: rules txt-1 (allowed elements and attributes) and txt-2 (content that is not white space)';
const jsonType = 'json.html: the JSON type, or the elements, of the R4 type';

/** Real faults of published examples by folder, as [how often, code and place without indexes, the rule they break]. */
const faults: Readonly<Record<string, readonly (readonly [count: number, fault: string, rule: string])[]>> = {
  'bundle-validator-cases': [
    [2, 'code-invalid Bundle.entry.resource.clinicalStatus', bound],
    [1, 'invalid Bundle.entry.resource.section.text.div', xhtml],
    [10, 'invalid Bundle.entry.resource.text.div', xhtml],
    [1, 'invariant Bundle.entry.resource.contained', 'dom-3: a contained resource is referred to'],
    [3, 'invariant Bundle.timestamp', 'bdl-10'],
    [1, 'invariant Bundle.entry.resource.section.section', 'cmp-1: a section has text, entries or sections'],
    [1, 'required Bundle.entry.resource.contained.entry.resource.mode', required],
    [1, 'required Bundle.entry.resource.contained.entry.resource.status', required],
    [2, 'structure Bundle.entry.resource', 'an element that R4 does not have there'],
    [1, 'structure Bundle.entry.resource.attester.mode', list],
    [1, 'structure Bundle.entry.resource.basedOn', list],
    [1, 'structure Bundle.entry.resource.component.definition', jsonType],
    [1, 'structure Bundle.entry.resource.content.attachment', jsonType],
    [1, 'structure Bundle.entry.resource.content.format', jsonType],
    [12, 'structure Bundle.entry.resource.id', jsonType],
    [1, 'structure Bundle.entry.resource.performer', list],
    [84, 'value Bundle.entry.fullUrl', 'bundle-definitions.html#Bundle.entry.fullUrl: an absolute URL'],
    [1, 'value Bundle.entry.resource.contained.entry.resource.entry.item.reference', literal],
    [25, 'value Bundle.entry.resource.section.section.entry.reference', literal],
  ],
  'document-summary-care-record': [
    [34, 'code-invalid Bundle.entry.resource.clinicalStatus', bound],
    [1, 'code-invalid Bundle.entry.resource.verificationStatus', bound],
    [7, 'invariant Bundle.entry', 'bdl-7 and bdl-11'],
    [24, 'invariant Bundle.entry.resource', 'org-1: an Organization has a name or an identifier'],
    [2, 'invariant Bundle.entry.resource.recommendation', 'imr-1'],
    [2, 'invariant Bundle.total', 'bdl-1'],
    [2, 'required Bundle.entry.resource.recommendation.forecastStatus', required],
    [78, 'required Bundle.entry.resource.subject', required],
    [32, 'required Bundle.entry.resource.title', required],
    [3, 'structure Bundle.entry.resource.category', list],
    [1, 'value Bundle.entry.resource.date', 'datatypes.html#dateTime: a time has seconds and a zone'],
    [1, 'value Bundle.entry.resource.id', 'datatypes.html#id'],
    [25, 'value Bundle.entry.resource.meta.lastUpdated', instant],
  ],
  'message-prescription-secondary-care': [[1, 'structure Bundle.entry.resource.focus', list]],
  'r4-spec-examples': [
    [3, 'extension Basic.modifierExtension', 'extensibility.html#modifierExtension: what is not understood is refused'],
    [1, 'invariant CodeSystem', 'csd-1: the example repeats a code'],
    [22, 'required Questionnaire.item.item.item.item.item.linkId', required],
    [14, 'required Questionnaire.item.item.item.item.linkId', required],
    [13, 'required Questionnaire.item.item.item.linkId', required],
    [1, 'required Questionnaire.item.item.linkId', required],
    [1, 'value DeviceMetric.parent', target],
    [1, 'value DeviceUseStatement.reasonReference', target],
    [1, 'value MedicationRequest.dispenseRequest.performer', target],
  ],
  'synthea-bulk-10-patients': [[4, 'structure Resource', 'the log of the export is no FHIR resource']],
  'synthea-transaction': [],
  'transaction-prescription-status': [
    [3, 'code-invalid Bundle.entry.response.outcome.issue.code', bound],
    [1, 'invariant Bundle.entry', 'bdl-7'],
    [1, 'structure Bundle.entry', list],
  ],
};

function resourcesOf(path: string): unknown[] {
  const bytes = readFileSync(path);
  if (!path.endsWith('.ndjson')) return [parseJson(bytes)];
  const lines = bytes.toString('utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => parseJson(Buffer.from(line)));
}

describe('published examples', () => {
  const validator = new Validator({ maxIssues: 10_000 });
  const errorsOf = (resource: unknown): string[] =>
    validator
      .validate(resource)
      .filter(({ severity }) => severity === 'error')
      .map(({ code, expression }) => `${code} ${(expression?.[0] ?? '').replaceAll(/\[\d+\]/g, '')}`);
  const filesOf = (name: string): string[] =>
    readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ndjson|json)$/.test(file))
      .map((file) => join(folder, name, file));

  before(function () {
    if (existsSync(folder)) return;
    process.stderr.write('skipped: the example data is not there (LAKE_SHARED)\n');
    this.skip();
  });

  for (const [name, expected] of Object.entries(faults)) {
    it(`of ${name} show their ${expected.length} kinds of real faults and no other`, () => {
      const counts = new Map<string, number>();
      for (const fault of filesOf(name).flatMap(resourcesOf).flatMap(errorsOf))
        counts.set(fault, (counts.get(fault) ?? 0) + 1);
      const found = [...counts].map(([fault, count]) => [count, fault]).sort();
      assert.deepEqual(found, expected.map(([count, fault]) => [count, fault]).sort());
    });
  }

  it('of STU3 are refused, each of them', () => {
    const files = filesOf('stu3-message-111-report');
    assert.equal(files.length, 15);
    for (const file of files) assert.ok(resourcesOf(file).every((resource) => errorsOf(resource).length > 0));
  });
});
