import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { awsCodeFiles } from '../components/function/aws-code';
import { ConfigError } from './config-schema';

interface CodeOfFunction {
  readonly folder: string;
  /** Folders of the site's own, by the setting that names them. */
  readonly beside: Readonly<Record<string, string>>;
}

const mebibyte = 1024 ** 2;
/** Of code and layers together, unpacked, and of a zip that comes by Lambda's API, as the provider's does (Lambda quotas, "Deployment package size"). */
const lambdaTakes = { unpacked: 250 * mebibyte, zipped: 50 * mebibyte };
/** Most functions that read marts bring the query engine, a layer. */
const engine = join(__dirname, '..', 'node_modules', '@duckdb');

const unpackedOf = (files: ReadonlyMap<string, string>): number =>
  [...files.values()].reduce((sum, file) => sum + statSync(file).size, 0);

/** As a zip has them: each deflated by itself, with about a hundred bytes that say what it is. */
function zippedOf(files: ReadonlyMap<string, string>, known: Map<string, number>): number {
  let sum = 0;
  for (const [name, file] of files) {
    const size = known.get(file) ?? deflateRawSync(readFileSync(file)).length;
    known.set(file, size);
    sum += size + 92 + 2 * name.length;
  }
  return sum;
}

/** Holds the code of functions that carry something of the site's to what Lambda takes. @throws ConfigError naming them */
export function checkCodeSizes(codes: Readonly<Record<string, CodeOfFunction>>, most = lambdaTakes): void {
  const known = new Map<string, number>();
  const problems = Object.entries(codes).flatMap(([name, code]) => {
    const settings = Object.keys(code.beside);
    if (settings.length === 0) return [];
    const files = awsCodeFiles(code);
    const layer = settings.includes('martDefinitions') ? unpackedOf(awsCodeFiles({ folder: engine })) : 0;
    const sizes = { unpacked: unpackedOf(files) + layer, zipped: 0 };
    // A small folder needs no zip to tell, and what is too large already is not zipped for it.
    if (sizes.unpacked > most.zipped && sizes.unpacked <= most.unpacked) sizes.zipped = zippedOf(files, known);
    return (['unpacked', 'zipped'] as const).flatMap((kind) =>
      sizes[kind] > most[kind]
        ? `${settings.join(', ')}: with it the code of ${name} is ${Math.ceil(sizes[kind] / mebibyte)} MB ${kind}; allowed: ${most[kind] / mebibyte} MB. Leave out packages and folders that no message of yours needs, such as examples`
        : [],
    );
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
