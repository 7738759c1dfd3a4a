import type { BundleEntry, FhirResource } from 'fhir/r4';
import { entries, type Fault, inMessage, inText, inTransaction, messageEntries, resourceAt } from './fault-material';
import { gmpSystem } from './terms';

const { patient, observation, condition } = entries;
const change = (entry: BundleEntry<FhirResource> | undefined, elements: object): void => {
  Object.assign(entry?.request ?? {}, elements);
};
const nested = (levels: number): string =>
  `${'{"extension":['.repeat(levels)}{"url":"https://z99001.example/deep"}${']}'.repeat(levels)}`;

const stu3 = JSON.stringify({
  resourceType: 'Bundle',
  type: 'message',
  entry: [
    {
      resource: {
        resourceType: 'MessageHeader',
        event: { system: 'https://fhir.nhs.uk/STU3/CodeSystem/ITK-MessageEvent-2', code: 'ITK003M' },
        timestamp: '2020-01-01T00:00:00Z',
        source: { endpoint: 'https://zn1.example/' },
      },
    },
  ],
});

const xml =
  '<?xml version="1.0" encoding="UTF-8"?><Observation xmlns="http://hl7.org/fhir"><status value="final"/></Observation>';

/** Faults of the text: it is not the JSON that FHIR is sent in. */
const textFaults: readonly Fault[] = [
  inText('json-malformed', 'refused', (text) => text.replace('"resourceType":"Bundle",', '"resourceType":"Bundle"')),
  inText('json-cut-off', 'refused', (text) => text.slice(0, Math.floor(text.length * 0.6))),
  inText('json-with-comment', 'refused', (text) => `/* nightly run */${text}`),
  inText('json-name-twice', 'refused', (text) =>
    text.replace('"status":"finished"', '"status":"planned","status":"finished"'),
  ),
  inText('json-proto-name', 'refused', (text) => text.replace('"active":true', '"__proto__":{"active":true}')),
  inText('json-half-a-character', 'refused', (text) => text.replace('"prefix":["', '"prefix":["\\ud800')),
  inText('json-deeper-than-the-limit', 'refused', (text) =>
    text.replace('"prefix":[', `"extension":[${nested(80)}],"prefix":[`),
  ),
  inText('json-number-too-long', 'refused', (text) => text.replace(/"value":[0-9]+/, `"value":0.${'1'.repeat(100)}`)),
  inText('json-with-byte-order-mark', 'accepted', (text) => `\uFEFF${text}`),
  inText('xml-body', 'refused', () => xml),
  inText('stu3-message', 'refused', () => stu3),
];

/** Faults of the exchange: sound resources, sent in a way the lake does not take. */
const requestFaults: readonly Fault[] = [
  inTransaction('conditional-reference-without-match', 'refused', observation, (bundle) => {
    Object.assign(resourceAt(bundle, observation), {
      performer: [{ reference: `Practitioner?identifier=${gmpSystem}|G0000000` }],
    });
  }),
  inTransaction('conditional-reference-by-name', 'refused', observation, (bundle) => {
    Object.assign(resourceAt(bundle, observation), { performer: [{ reference: 'Practitioner?name=Kettle' }] });
  }),
  inTransaction('reference-to-a-resource-not-sent', 'accepted', observation, (bundle, { person }) => {
    Object.assign(resourceAt(bundle, observation), {
      performer: [{ reference: `Practitioner/${person.random.uuid()}` }],
    });
  }),
  inTransaction('entry-without-request', 'refused', condition, (bundle) => {
    Reflect.deleteProperty(bundle.entry[condition] ?? {}, 'request');
  }),
  inTransaction('entry-deletes', 'refused', condition, (bundle) => {
    bundle.entry[condition] = { request: { method: 'DELETE', url: 'Condition/1' } };
  }),
  inTransaction('entry-posts-to-an-id', 'refused', condition, (bundle) =>
    change(bundle.entry[condition], { url: 'Condition/1' }),
  ),
  inTransaction('entry-url-of-another-type', 'refused', condition, (bundle) =>
    change(bundle.entry[condition], { url: 'Procedure' }),
  ),
  inTransaction('condition-by-birth-date', 'refused', patient, (bundle) =>
    change(bundle.entry[patient], { ifNoneExist: 'birthdate=1970-01-01' }),
  ),
  inTransaction('version-that-never-was', 'refused', condition, (bundle, { person }) => {
    const id = person.random.uuid();
    Object.assign(resourceAt(bundle, condition), { id });
    change(bundle.entry[condition], { method: 'PUT', url: `Condition/${id}`, ifMatch: 'W/"7"' });
  }),
  inTransaction('bundle-type-unknown', 'refused', null, (bundle) => Object.assign(bundle, { type: 'parcel' })),
  inMessage('message-without-header', 'refused', null, (bundle) => {
    bundle.entry.splice(messageEntries.header, 1);
  }),
  inMessage('message-entry-with-request', 'refused', messageEntries.patient, (bundle) => {
    Object.assign(bundle.entry[messageEntries.patient] ?? {}, { request: { method: 'POST', url: 'Patient' } });
  }),
  inTransaction('full-url-twice', 'refused', condition, (bundle) => {
    Object.assign(bundle.entry[condition] ?? {}, { fullUrl: bundle.entry[observation]?.fullUrl });
  }),
];

/** A file of lines, some good and some not: each is answered for itself. */
const mixedLines: Fault = {
  name: 'ndjson-with-bad-lines',
  sender: 'practice',
  make: (material) => {
    const good = () => JSON.stringify(material.observation());
    const noStatus = { ...material.observation() };
    Reflect.deleteProperty(noStatus, 'status');
    const lines = [good(), JSON.stringify(noStatus), good().slice(0, 90), good()];
    const expectations = lines.map((_line, entry) => ({
      entry,
      fault: ['none', 'required-status-missing', 'json-cut-off', 'none'][entry]!,
      expected: entry === 1 || entry === 2 ? ('refused' as const) : ('accepted' as const),
    }));
    return { kind: 'ndjson', body: `${lines.join('\n')}\n`, resources: lines.length, expectations };
  },
};

export const exchangeFaults: readonly Fault[] = [...textFaults, ...requestFaults, mixedLines];
