import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { compactTables } from './compact-tables';
import { readDefinitions } from './read-package';

const root = join(__dirname, '..', '..', '..');
const shared = process.env.LAKE_SHARED ?? join(root, '..', 'shared');

/**
 * npm run fhir:tables -- --source PACKAGE [--out FOLDER]
 * Turns the unmodified FHIR R4 definitions (npm hl7.fhir.r4.examples 4.0.1, or the same as another FHIR package, folder or
 * .tgz) into the compact tables that the repository carries. The same source gives the same bytes.
 */
function main(): number {
  const { values } = parseArgs({ options: { source: { type: 'string' }, out: { type: 'string' } } });
  const source = values.source ?? join(shared, 'data', 'r4-core', 'r4-core-4.0.1.tgz');
  if (!existsSync(source)) {
    process.stderr.write(
      'The FHIR R4 definitions were not found. Fetch them with "npm pack hl7.fhir.r4.examples@4.0.1" and name the file with --source.\n',
    );
    return 2;
  }
  const { definitions, sha256 } = readDefinitions(source);
  const tables = compactTables(definitions, sha256);
  const json = JSON.stringify(tables);
  const packed = brotliCompressSync(json, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
    },
  });
  const lines = packed.toString('base64').match(/.{1,160}/g) ?? [];
  const text = `// Made by "npm run fhir:tables" from the FHIR R4 4.0.1 definitions (CC0-1.0, HL7), sha256 of the files
// ${sha256}. Not edited by hand.
export const packedTables = \`\n${lines.join('\n')}\n\`;\n`;
  writeFileSync(join(values.out ?? join(root, 'functions', 'fhir', 'tables'), 'r4-tables.ts'), text);
  process.stdout.write(
    `${Object.keys(tables.types).length} types, ${Object.keys(tables.valueSets).length} value sets, ${json.length} bytes, ${packed.length} packed\n`,
  );
  return 0;
}

process.exitCode = main();
