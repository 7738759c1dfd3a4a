import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeError } from '../../../adapters/ports/errors';
import { ndjsonLines } from '../../bulk-import/ndjson-lines';
import { ingestionProfile } from '../../fhir/ingestion-profile';
import { isJsonObject, JsonError, parseJson } from '../../fhir/json';
import { type OperationOutcomeIssue, operationOutcome } from '../../fhir/operation-outcome';
import { ukCore } from '../../fhir/uk-core';
import { Validator } from '../../fhir/validator';
import { readProfilePackage, readProfilePackages } from '../../ingest/profile-folder';
import { dataFolder } from '../lake-access';
import { type Options, textOption, UsageError, type Verb } from '../verb';

/** Bytes of one resource, as the API takes them. */
const maxLineBytes = 64 * 1024 * 1024;

const listOption = (options: Options, name: string): readonly string[] =>
  (textOption(options, name) ?? '').split(',').filter((part) => part !== '');

/** One resource of a file as its bytes, with its line in NDJSON. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly line?: number;
}

/** The resources of a file: the lines of NDJSON one at a time, however long the file is, or the file whole. */
async function* piecesOf(file: string): AsyncGenerator<Piece> {
  try {
    if (!file.endsWith('.ndjson')) return yield { bytes: await readFile(file) };
    let line = 0;
    for await (const bytes of ndjsonLines(createReadStream(file), maxLineBytes)) {
      line += 1;
      if (bytes.some((byte) => byte > 32)) yield { bytes, line };
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new LakeError('NotFound', `The file ${file} is not there or cannot be read.`, { cause });
  }
}

function check(validator: Validator, profiles: readonly string[], bytes: Uint8Array): readonly OperationOutcomeIssue[] {
  try {
    const resource = parseJson(bytes);
    return isJsonObject(resource)
      ? validator.validate(resource, { profiles })
      : [{ severity: 'error', code: 'structure', diagnostics: 'A resource is a JSON object.' }];
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return [{ severity: 'error', code: error.code, diagnostics: error.message }];
  }
}

const valid: OperationOutcomeIssue = { severity: 'information', code: 'informational', diagnostics: 'Valid.' };

export const validateVerb: Verb = {
  name: 'validate',
  usage: 'FILE… [--profile URL] [--package DIR]',
  most: Number.POSITIVE_INFINITY,
  summary:
    'Checks resources, Bundles or NDJSON files against FHIR R4 and the profiles they name; an OperationOutcome for each resource.',
  options: {
    profile: {
      type: 'string',
      value: 'URL',
      help: `a profile every resource must meet (several: with commas); ${ingestionProfile} is the lake's own`,
    },
    package: {
      type: 'string',
      value: 'DIR',
      help: 'folder of an unpacked FHIR package with profiles (several: with commas); those in DATA/packages and UK Core are known',
    },
  },
  async run({ positionals, options, json, terminal }) {
    if (positionals.length === 0) throw new UsageError('Name at least one file.');
    const profiles = listOption(options, 'profile');
    const packages = [
      ...readProfilePackages(join(dataFolder(options), 'packages')),
      ...listOption(options, 'package').map(readProfilePackage),
      ukCore(),
    ];
    const validator = new Validator({ packages });
    let faulty = 0;
    for (const file of positionals) {
      for await (const { bytes, line } of piecesOf(file)) {
        const issues = check(validator, profiles, bytes);
        const errors = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal').length;
        if (errors > 0) faulty += 1;
        if (json) {
          const outcome = operationOutcome(issues.length > 0 ? issues : [valid]);
          terminal.out(`${JSON.stringify({ file, index: (line ?? 1) - 1, outcome })}\n`);
          continue;
        }
        const place = line === undefined ? file : `${file}:${line}`;
        terminal.out(`${place} ${errors === 0 ? 'valid' : errors === 1 ? '1 error' : `${errors} errors`}\n`);
        for (const { severity, expression, diagnostics } of issues)
          terminal.out(`  ${severity} ${expression?.[0] ?? ''} ${diagnostics}\n`);
      }
    }
    return faulty === 0 ? 0 : 1;
  },
};
