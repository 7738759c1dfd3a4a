import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sensitivityLabels, sensitivitySystem } from '../../functions/privacy/rules/sensitive-codes';

export interface StagedMartText {
  readonly purpose?: string;
  readonly run?: string;
  /** FHIR types by the names of columns. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly labels?: readonly string[];
  readonly everyHours?: number;
}

/** Writes the Library of a mart whose rows another engine makes into a library. */
export function writeStagedMart(
  library: string,
  name: string,
  {
    purpose = 'individual-care',
    run = 'replace',
    columns = { patient: 'Reference', code: 'code', contacts: 'integer' },
    labels = sensitivityLabels,
    everyHours = 26,
  }: StagedMartText = {},
): void {
  const folder = join(library, name);
  mkdirSync(folder, { recursive: true });
  const codings = [
    { system: 'urn:nhs-data-lake:purpose', code: purpose },
    ...labels.map((code) => ({ system: sensitivitySystem, code })),
  ];
  const mart = {
    resourceType: 'Library',
    name,
    status: 'active',
    description: 'Rows of another engine.',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'model-definition' }] },
    useContext: codings.map((coding) => ({
      code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'task' },
      valueCodeableConcept: { coding: [coding] },
    })),
    extension: [
      { url: 'urn:nhs-data-lake:staged-run', valueCode: run },
      {
        url: 'urn:nhs-data-lake:expected-every',
        valueDuration: { value: everyHours, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
      },
    ],
    parameter: Object.entries(columns).map(([column, type]) => ({ name: column, use: 'out', type })),
  };
  writeFileSync(join(folder, 'Library.json'), JSON.stringify(mart));
}
