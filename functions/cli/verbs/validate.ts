import { readFileSync } from 'node:fs';
import { isJsonObject, parseJson, parseJsonText } from '../../fhir/json';
import { type OperationOutcomeIssue, operationOutcome } from '../../fhir/operation-outcome';
import { Validator } from '../../fhir/validator';
import { UsageError, type Verb } from '../verb';

function check(validator: Validator, read: () => unknown): readonly OperationOutcomeIssue[] {
  try {
    const resource = read();
    return isJsonObject(resource)
      ? validator.validate(resource)
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
  usage: 'FILE…',
  summary: 'Checks resources, Bundles or NDJSON files against FHIR R4; an OperationOutcome for each resource.',
  async run({ positionals, json, terminal }) {
    if (positionals.length === 0) throw new UsageError('Name at least one file.');
    const validator = new Validator();
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
        const issues = check(validator, () => (lines === undefined ? parseJson(bytes) : parseJsonText(lines[index]!)));
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
