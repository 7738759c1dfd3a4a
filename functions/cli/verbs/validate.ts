import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingestionProfile } from '../../fhir/ingestion-profile';
import { isJsonObject, parseJson, parseJsonText } from '../../fhir/json';
import { type OperationOutcomeIssue, operationOutcome } from '../../fhir/operation-outcome';
import { ukCore } from '../../fhir/uk-core';
import { Validator } from '../../fhir/validator';
import { readProfilePackage, readProfilePackages } from '../../hosts/profile-folder';
import { dataFolder } from '../lake-access';
import { type Options, textOption, UsageError, type Verb } from '../verb';

const listOption = (options: Options, name: string): readonly string[] =>
  (textOption(options, name) ?? '').split(',').filter((part) => part !== '');

function check(
  validator: Validator,
  profiles: readonly string[],
  read: () => unknown,
): readonly OperationOutcomeIssue[] {
  try {
    const resource = read();
    return isJsonObject(resource)
      ? validator.validate(resource, { profiles })
      : [{ severity: 'error', code: 'structure', diagnostics: 'A resource is a JSON object.' }];
  } catch (error) {
    return [
      {
        severity: 'error',
        code: 'structure',
        diagnostics: error instanceof Error ? error.message : 'The file is not JSON.',
      },
    ];
  }
}

export const validateVerb: Verb = {
  name: 'validate',
  usage: 'FILE… [--profile URL] [--package DIR]',
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
      const bytes = readFileSync(file);
      const lines = file.endsWith('.ndjson')
        ? bytes
            .toString('utf8')
            .split('\n')
            .filter((line) => line.trim() !== '')
        : undefined;
      const count = lines?.length ?? 1;
      for (let index = 0; index < count; index += 1) {
        const issues = check(validator, profiles, () =>
          lines === undefined ? parseJson(bytes) : parseJsonText(lines[index]!),
        );
        const bad = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
        if (bad.length > 0) faulty += 1;
        if (json)
          terminal.out(
            `${JSON.stringify({ file, index, outcome: operationOutcome(issues.length > 0 ? issues : [{ severity: 'information', code: 'informational', diagnostics: 'Valid.' }]) })}\n`,
          );
        else {
          terminal.out(
            `${file}${count > 1 ? `:${index + 1}` : ''} ${bad.length === 0 ? 'valid' : `${bad.length} errors`}\n`,
          );
          for (const issue of issues)
            terminal.out(`  ${issue.severity} ${issue.expression?.[0] ?? ''} ${issue.diagnostics}\n`);
        }
      }
    }
    return faulty === 0 ? 0 : 1;
  },
};
