import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { compactTables } from './compact-tables';
import { readPackage } from './read-package';

/**
 * npm run fhir:tables -- --source PACKAGE.tgz
 * Turns the unmodified FHIR R4 definitions (npm hl7.fhir.r4.examples 4.0.1, or the same as another FHIR package) into the
 * compact tables that the repository carries. The same source gives the same bytes; the source's checksum stands in them.
 */
function main(): void {
  const { values } = parseArgs({ options: { source: { type: 'string' } } });
  const source =
    values.source ?? join(process.env.LAKE_SHARED ?? join('..', 'shared'), 'data', 'r4-core', 'r4-core-4.0.1.tgz');
  const bytes = readFileSync(source);
  const tables = compactTables(readPackage(bytes), createHash('sha256').update(bytes).digest('hex'));
  const json = JSON.stringify(tables);
  const packed = brotliCompressSync(json, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
    },
  });
  const lines = packed.toString('base64').match(/.{1,160}/g) ?? [];
  const text = `// Made by "npm run fhir:tables" from the FHIR R4 4.0.1 definitions (CC0-1.0, HL7). Not edited by hand.\nexport const packedTables = \`\n${lines.join('\n')}\n\`;\n`;
  writeFileSync(join('functions', 'fhir', 'tables', 'r4-tables.ts'), text);
  process.stdout.write(
    `${Object.keys(tables.types).length} types, ${Object.keys(tables.valueSets).length} value sets, ${json.length} bytes, ${packed.length} packed\n`,
  );
}

main();
