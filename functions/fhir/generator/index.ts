import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { tablesText } from '../table-format';
import { compactTables } from './compact-tables';
import { readDefinitions } from './read-package';
import { reducePackage } from './reduce-package';

const root = join(__dirname, '..', '..', '..');
const shared = process.env.LAKE_SHARED ?? join(root, '..', 'shared');

/** Bytes as a TypeScript string: what the repository carries, the same from the same source. */
function packedSource(
  content: string,
  name: string,
  heading: string,
): { readonly text: string; readonly bytes: number } {
  const packed = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  const lines = packed.toString('base64').match(/.{1,200}/g) ?? [];
  return {
    text: `// Made by "npm run fhir:tables" from ${heading}. Not edited by hand.\nexport const ${name} = \`\n${lines.join('\n')}\n\`;\n`,
    bytes: packed.length,
  };
}

/**
 * npm run fhir:tables -- --source PACKAGE --uk-core PACKAGE [--out FOLDER]
 * Turns the unmodified FHIR R4 definitions (npm hl7.fhir.r4.examples 4.0.1, or the same as another FHIR package, folder or
 * .tgz) into the compact tables that the repository carries, and UK Core into what is validated of it. The same sources give
 * the same bytes.
 */
function main(): number {
  const { values } = parseArgs({
    options: { source: { type: 'string' }, 'uk-core': { type: 'string' }, out: { type: 'string' } },
  });
  const source = values.source ?? join(shared, 'data', 'r4-core', 'r4-core-4.0.1.tgz');
  const ukSource = values['uk-core'] ?? join(shared, 'data', 'ukcore');
  if (!existsSync(source) || !existsSync(ukSource)) {
    process.stderr.write(
      'The definitions were not found. Fetch those of FHIR R4 with "npm pack hl7.fhir.r4.examples@4.0.1" and name the file with --source; name the folder of UK Core as JSON with --uk-core.\n',
    );
    return 2;
  }
  const out = values.out ?? join(root, 'functions', 'fhir', 'tables');
  const core = readDefinitions(source);
  const tables = compactTables(core.definitions, core.sha256);
  const text = tablesText(tables);
  const r4 = packedSource(
    text,
    'packedTables',
    `the FHIR R4 4.0.1 definitions (CC0-1.0, HL7), sha256 of the files\n// ${core.sha256}`,
  );
  writeFileSync(join(out, 'r4-tables.ts'), r4.text);
  process.stdout.write(
    `${Object.keys(tables.types).length} types, ${Object.keys(tables.valueSets).length} value sets, ${text.length} bytes, ${r4.bytes} packed\n`,
  );
  const ukCore = readDefinitions(ukSource);
  const resources = reducePackage(ukCore.definitions, core.definitions);
  const uk = packedSource(
    JSON.stringify(resources),
    'packedUkCore',
    `UK Core (Apache-2.0, HL7 UK; reduced, see NOTICE), sha256 of the files\n// ${ukCore.sha256}`,
  );
  writeFileSync(join(out, 'uk-core-tables.ts'), uk.text);
  process.stdout.write(`UK Core: ${resources.length} definitions, ${uk.bytes} packed\n`);
  return 0;
}

process.exitCode = main();
