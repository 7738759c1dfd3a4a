import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import type { ExtensionRule } from '../../../functions/privacy/extension-rules';
import { extensionRules } from '../../../functions/privacy/rules/extensions';
import { splitResource } from '../../../functions/privacy/split';
import { contextWith } from './split-context';

const marker = 'Zzq';
const snomed = { system: 'http://snomed.info/sct', code: '195967001', display: marker };

/** A value of each type, with the marker wherever a sender may write. */
const values: Readonly<Record<string, JsonValue>> = {
  CodeableConcept: { coding: [snomed], text: marker },
  Coding: snomed,
  Reference: { reference: `Practitioner/${marker}`, display: marker },
  Period: { start: '2024-01-02' },
  boolean: true,
  dateTime: '2024-01-02',
  unsignedInt: 3,
  integer: 3,
  code: marker,
  string: marker,
  markdown: marker,
  uri: `urn:${marker}`,
  base64Binary: Buffer.from(marker).toString('base64'),
  Identifier: { system: `urn:${marker}`, value: marker },
  HumanName: { family: marker },
  Address: { line: [marker], postalCode: marker },
  ContactPoint: { system: 'phone', value: marker },
  Annotation: { text: marker },
  Attachment: { title: marker },
};
const key = (type: string): string => `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
const ukCore = [...extensionRules].filter(([url]) => url.includes('UKCore') || /\/[56]\.0\//.test(url));

/** What stays of one extension, and why the rest went. */
function after(extension: JsonObject, restricted = false) {
  const result = splitResource({ resourceType: 'Basic', id: '1', extension: [extension] }, contextWith({ restricted }));
  assert.ok(result.kind === 'split');
  const text = JSON.stringify(result.clinical);
  assert.ok(!new RegExp(marker, 'i').test(text) && !text.includes(String(values.base64Binary)), text);
  const [kept] = (result.clinical.extension ?? []) as JsonObject[];
  return { kept, reasons: result.report.lines.map(({ reason }) => reason) };
}

/** Every type, kept or not, through one rule; `wrap` puts it where the rule stands. */
function check(url: string, rule: ExtensionRule, wrap: (inner: JsonObject) => JsonObject): void {
  if (rule.action === 'parts') {
    for (const [part, inner] of Object.entries(rule.parts))
      check(part, inner, (extension) => wrap({ url, extension: [extension] }));
    assert.equal(after(wrap({ url, extension: [{ url: marker, valueBoolean: true }] })).kept, undefined, url);
    return;
  }
  const own = rule.action === 'keep' ? rule.types : [];
  for (const [type, value] of Object.entries(values)) {
    const isKept: boolean = own.includes(type);
    const sent = type === 'code' && isKept && rule.action === 'keep' ? (rule.codes?.[0] ?? null) : value;
    const extension = wrap({ url, [key(type)]: sent });
    const { kept, reasons } = after(extension);
    assert.equal(kept !== undefined, isKept, `${url} ${type}`);
    if (rule.action === 'drop') assert.ok(reasons.includes(rule.reason), `${url} says ${reasons.join(' ')}`);
    const isLocation: boolean = rule.action === 'keep' && rule.location === true;
    assert.equal(after(extension, true).kept !== undefined, isKept && !isLocation, `${url} of a protected person`);
  }
  for (const type of own) assert.ok(type in values, `${url} keeps ${type}, of which there is no sample`);
}

describe('rules of the 83 UK Core extensions', () => {
  it('keep the types they name and nothing a sender could write, drop the rest and say why', () => {
    assert.equal(ukCore.length, 83);
    for (const [url, rule] of ukCore) check(url, rule, (extension) => extension);
  });

  it('would be seen to keep a text', () => {
    const loose: ExtensionRule = { action: 'keep', types: ['string'] };
    const [[url]] = ukCore.filter(([, { action }]) => action === 'drop') as [[string, ExtensionRule]];
    assert.throws(() => check(url, loose, (extension) => extension), /string/);
  });

  it('name parts and types that the extensions have', function () {
    const folder = join(process.env.LAKE_SHARED ?? resolve(__dirname, '../../../../shared'), 'data/ukcore/package');
    if (!existsSync(folder)) {
      console.log('      not compared with the definitions: no UK Core package (set LAKE_SHARED)');
      this.skip();
    }
    interface Definition {
      readonly url: string;
      readonly differential: {
        readonly element: readonly { readonly id: string; readonly type?: readonly { readonly code: string }[] }[];
      };
    }
    let compared = 0;
    for (const file of readdirSync(folder).filter((name) => name.startsWith('StructureDefinition-Extension-'))) {
      const { url, differential } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Definition;
      const typesAt = (id: string) =>
        differential.element.find((element) => element.id === id)?.type?.map(({ code }) => code);
      const compare = (rule: ExtensionRule, at: string): void => {
        if (rule.action === 'parts') {
          for (const [part, inner] of Object.entries(rule.parts)) {
            assert.ok(
              differential.element.some(({ id }) => id.startsWith(`${at}.extension:${part}`)),
              `${url} has no part ${part}`,
            );
            compare(inner, `${at}.extension:${part}`);
          }
        } else if (rule.action === 'keep') {
          const types = typesAt(`${at}.value[x]`);
          for (const type of rule.types)
            assert.ok(types === undefined || types.includes(type), `${url} has no ${type}`);
        }
      };
      compare(extensionRules.get(url)!, 'Extension');
      compared += 1;
    }
    assert.equal(compared, 83);
  });
});
