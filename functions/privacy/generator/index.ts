/**
 * Makes functions/privacy/tables/code-lists.ts: the codes of every code system that R4 and UK Core define in full. Codes
 * only, no terms. A code outside the list of its system can be anything a sender typed, so the privacy split keeps none.
 *
 * Run: node -r ./functions/cli/typescript.js functions/privacy/generator/index.ts [R4 package .tgz] [UK Core folder]
 * Both default to the shared material (LAKE_SHARED, else ../shared). R4 definitions are CC0-1.0 (HL7); UK Core is
 * Apache-2.0 (HL7 UK), attributed in NOTICE. The same sources give the same bytes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { type Definition, readPackage } from '../../fhir/generator/read-package';

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

/** Long lists that no NHS health record uses. */
const leftOut = new Set([
  'http://hl7.org/fhir/spdx-license',
  'http://terminology.hl7.org/CodeSystem/v3-TribalEntityUS',
]);

function codesBelow(concepts: readonly Concept[]): string[] {
  return concepts.flatMap((concept) => [concept.code, ...codesBelow(concept.concept ?? [])]);
}

function readFolder(folder: string): Definition[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('CodeSystem-') && name.endsWith('.json'));
  return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Definition);
}

function main(): void {
  const shared = process.env.LAKE_SHARED ?? join('..', 'shared');
  const r4 = readFileSync(process.argv[2] ?? join(shared, 'data', 'r4-core', 'r4-core-4.0.1.tgz'));
  const ukCore = readFolder(process.argv[3] ?? join(shared, 'data', 'ukcore', 'package'));
  const lists = new Map<string, readonly string[]>();
  for (const resource of [...readPackage(r4), ...ukCore]) {
    if (resource.resourceType !== 'CodeSystem' || resource.url === undefined || leftOut.has(resource.url)) continue;
    // Some HL7 v3 systems repeat a code at several places of their hierarchy.
    const codes = [...new Set(codesBelow((resource.concept ?? []) as Concept[]))];
    if (resource.content !== 'supplement' && codes.length > 0) lists.set(resource.url, codes);
  }
  const text = [...lists]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, codes]) => [url, ...codes].join('\t'))
    .join('\n');
  const packed = brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  });
  const checksum = createHash('sha256').update(r4).update(JSON.stringify(ukCore)).digest('hex');
  const lines = packed.toString('base64').match(/.{1,160}/g) ?? [];
  const source = `// Made by functions/privacy/generator from FHIR R4 4.0.1 (CC0-1.0, HL7) and UK Core STU2 (Apache-2.0, HL7 UK); codes only.\n// SHA-256 of the sources: ${checksum}\nexport const packedCodeLists = \`\n${lines.join('\n')}\n\`;\n`;
  writeFileSync(join('functions', 'privacy', 'tables', 'code-lists.ts'), source);
  process.stdout.write(`${lists.size} code systems, ${text.length} characters, ${packed.length} bytes packed\n`);
}

main();
