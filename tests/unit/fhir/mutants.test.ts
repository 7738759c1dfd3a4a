import assert from 'node:assert/strict';
import { resourceTypes } from '../../../functions/fhir/definitions';
import { Validator } from '../../../functions/fhir/validator';
import { mutantsOf, mutatorKinds } from './mutators';
import { sampleResource, seededPick } from './sample-builder';

/** Rounds over all types, each with samples and faults of its own. The full run: LAKE_MUTANT_ROUNDS=20, about 100,000. */
const rounds = Number(process.env.LAKE_MUTANT_ROUNDS ?? 4);

describe('mutants of all resource types', () => {
  const validator = new Validator({ maxIssues: 1000 });
  const narrative = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">word</div>' };

  it('are all found, at their place and under their code, of more than 20,000', function () {
    this.timeout(60_000 * rounds);
    const missed = new Map<string, string>();
    const byKind = new Map<string, number>();
    let count = 0;
    for (const [index, type] of Array.from({ length: rounds }, () => resourceTypes)
      .flat()
      .entries()) {
      const pick = seededPick(index + 1);
      const base = sampleResource(type, pick, 25);
      if (type !== 'Bundle' && type !== 'Parameters' && type !== 'Binary') base.text = { ...narrative };
      const known = new Set(validator.validate(base).map(({ code, expression }) => `${code} ${expression}`));
      for (const { kind, resource, code, expression } of mutantsOf(base, pick)) {
        // What the sample had before is no answer to the fault that was put in.
        if (known.has(`${code} ${expression}`)) continue;
        count += 1;
        byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
        const issues = validator.validate(resource);
        const found = issues.some(
          (issue) => issue.severity === 'error' && issue.code === code && issue.expression?.[0] === expression,
        );
        if (!found) missed.set(`${kind} ${expression}`, JSON.stringify(issues.slice(0, 3)));
      }
    }
    if (process.env.LAKE_MUTANT_ROUNDS !== undefined)
      process.stderr.write(`${count} mutants of ${byKind.size} kinds, ${missed.size} missed\n`);
    assert.deepEqual(
      mutatorKinds.filter((kind) => !byKind.has(kind)),
      [],
      'every kind of fault has its mutants',
    );
    assert.ok(count >= 20_000, `${count} mutants`);
    assert.deepEqual([...missed].slice(0, 20), []);
  });
});
