import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const canonical = 'https://example.org/fhir';

const view = {
  resourceType: 'ViewDefinition',
  url: `${canonical}/ViewDefinition/condition`,
  name: 'condition',
  status: 'active',
  resource: 'Condition',
  select: [
    {
      column: [
        { name: 'patient', path: 'subject.getReferenceKey(Patient)' },
        { name: 'code', path: 'code.coding.first().code' },
      ],
    },
  ],
};

/** Writes a mart of every condition, for the codes of `useContext` given, into a library. */
export function writeMart(library: string, name: string, uses: readonly { system: string; code: string }[]): void {
  const folder = join(library, name);
  mkdirSync(folder, { recursive: true });
  const mart = {
    resourceType: 'Library',
    name,
    status: 'active',
    type: {
      coding: [{ system: 'http://hl7.org/fhir/uv/sql-on-fhir/CodeSystem/LibraryTypesCodes', code: 'sql-query' }],
    },
    useContext: uses.map((coding) => ({
      code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'task' },
      valueCodeableConcept: { coding: [coding] },
    })),
    relatedArtifact: [{ type: 'depends-on', label: 'condition', resource: view.url }],
    content: [{ contentType: 'application/sql;dialect=duckdb', url: 'conditions.sql' }],
  };
  writeFileSync(join(folder, 'Library.json'), JSON.stringify(mart));
  writeFileSync(join(folder, 'ViewDefinition.json'), JSON.stringify(view));
  writeFileSync(join(folder, 'conditions.sql'), 'SELECT patient, code FROM condition ORDER BY ALL');
}

export const purpose = (code: string) => ({ system: 'urn:nhs-data-lake:purpose', code });
