import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { definitionOf, propertyOf, resourceTypes } from '../../../functions/fhir/definitions';
import { codeListOf } from '../../../functions/privacy/code-lists';
import { parseRules } from '../../../functions/privacy/element-rules';
import { elementRules, privacyRules } from '../../../functions/privacy/privacy-rules';
import { compartmentRules } from '../../../functions/privacy/rules/compartment';
import { extensionRules } from '../../../functions/privacy/rules/extensions';
import { retentionCodes } from '../../../functions/privacy/rules/retention-codes';
import { sensitiveCodes } from '../../../functions/privacy/rules/sensitive-codes';

const text = new Set(['string', 'markdown', 'uri', 'url', 'canonical', 'oid', 'uuid', 'id', 'base64Binary', 'xhtml']);
const checkedAsWholes = new Set([
  'Coding',
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
  'MoneyQuantity',
  'SimpleQuantity',
  'Reference',
  'Identifier',
  'Address',
]);
/** Types no row may keep: they are people, prose or files. */
const neverKept = [
  'Annotation',
  'Attachment',
  'ContactDetail',
  'ContactPoint',
  'Contributor',
  'Expression',
  'HumanName',
  'Narrative',
  'RelatedArtifact',
  'Signature',
];

describe('privacy rules', () => {
  it('have a row for each R4 resource type', () => {
    assert.deepEqual(
      resourceTypes.filter((type) => !elementRules.has(type)),
      [],
    );
    assert.ok(resourceTypes.length >= 146);
  });

  it('name types and elements that R4 has, and every kept type has rules of its own', () => {
    for (const [type, elements] of elementRules) {
      const definition = definitionOf(type);
      assert.ok(definition, `${type} is no R4 type`);
      for (const [name, rule] of elements) {
        const element = definition.elements.get(name);
        assert.ok(element, `${type}.${name} is no R4 element`);
        const usable = element.types.filter(
          ({ code }) => checkedAsWholes.has(code) || elementRules.has(code) || definitionOf(code)?.kind === 'primitive',
        );
        assert.ok(usable.length > 0, `${type}.${name} keeps a type without rules`);
        const onlyText = element.types.every(({ code }) => text.has(code));
        assert.ok(!onlyText || rule.treatment !== undefined, `${type}.${name} is text and needs a treatment`);
      }
    }
  });

  it('keep no type that is a person, prose or a file', () => {
    for (const type of neverKept) assert.equal(elementRules.has(type), false, type);
  });

  it('keep every modifier element of what they keep, so that no meaning is turned round by an omission', () => {
    // Definitions whose whole content is dropped: nothing stays that their modifiers could change.
    const dropped: string[] = [];
    for (const [type, elements] of elementRules) {
      for (const element of definitionOf(type)?.elements.values() ?? []) {
        if (
          element.isModifier &&
          !elements.has(element.name) &&
          !['implicitRules', 'modifierExtension'].includes(element.name)
        )
          dropped.push(`${type}.${element.name}`);
      }
    }
    assert.deepEqual(dropped.sort(), modifiersOfDroppedContent);
  });

  it('refuse rows that are malformed, repeated or of an unknown treatment', () => {
    assert.throws(() => parseRules('Patient: name=keepAll'), /treatment/);
    assert.throws(() => parseRules('Patient: active active'), /repeated/);
    assert.throws(() => parseRules('Patient active'), /malformed/);
    assert.throws(() => parseRules('Patient: active', 'Patient: gender'), /already/);
  });

  it('tell subject and date by paths that R4 has', () => {
    for (const [type, { patient, date }] of compartmentRules) {
      for (const path of [...patient, ...date]) {
        let at = type;
        for (const step of path) {
          const property = propertyOf(at, step.replace('[]', ''));
          assert.ok(property, `${type}: ${path.join('.')}`);
          assert.equal(step.endsWith('[]'), property.element.max > 1, `${type}: ${path.join('.')}`);
          at = property.type.code;
        }
      }
      for (const path of patient) {
        const kept = elementRules.get(type)?.has(path[0]!.replace('[]', ''));
        assert.ok(kept, `${type} loses its patient`);
      }
    }
  });

  it('label codes that their systems have', () => {
    for (const [, system, codes] of sensitiveCodes) {
      const list = codeListOf(system);
      if (list === undefined) continue;
      for (const code of codes.split(' ')) assert.ok(code === '*' || list.has(code), `${system} has no ${code}`);
    }
    for (const key of retentionCodes.keys()) {
      const [system = '', code = ''] = key.split('|');
      const list = codeListOf(system);
      assert.ok(list === undefined || list.has(code) || !system.endsWith('England'), key);
    }
  });

  it('have an explicit rule for each UK Core extension', function () {
    const shared = process.env.LAKE_SHARED ?? resolve(__dirname, '../../../../shared');
    const folder = join(shared, 'data/ukcore/package');
    assert.equal(
      [...extensionRules.keys()].filter((url) => url.includes('UKCore') || /\/[56]\.0\//.test(url)).length,
      83,
    );
    if (!existsSync(folder)) {
      console.log('      the names are not compared: no UK Core package (set LAKE_SHARED)');
      this.skip();
    }
    const files = readdirSync(folder).filter((name) => name.startsWith('StructureDefinition-Extension-'));
    const urls = files.map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { url: string }).url);
    assert.deepEqual(
      urls.filter((url) => !extensionRules.has(url)),
      [],
    );
    assert.equal(urls.length, 83);
  });

  it('can be added to by configuration and never loosened', () => {
    const rule = { action: 'keep', types: ['string'] } as const;
    assert.throws(
      () =>
        privacyRules({ extensions: new Map([['http://hl7.org/fhir/StructureDefinition/patient-birthPlace', rule]]) }),
      /never loosens/,
    );
    assert.throws(
      () => privacyRules({ extensions: new Map([['http://example.org/e', rule]]) }),
      /cannot keep values of type string/,
    );
    assert.throws(
      () => privacyRules({ codeSystems: [{ system: 'http://example.org/c', pattern: '[' }] }),
      /regular expression/,
    );
  });
});

const modifiersOfDroppedContent: readonly string[] = [];
