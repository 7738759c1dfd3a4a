import assert from 'node:assert/strict';
import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import { devSettings, fullSettings, siteSettings } from '../components/dev-stack';
import { deploy } from '../components/recorded-lake';
import { furtherKubernetesMutants, kubernetesMutants } from './kubernetes-mutants';
import type { Recorded } from './mutation';

const people = { platformEngineers: 'lake-platform', auditors: 'lake-auditors', researchers: 'lake-researchers' };

/** `rule: resource` of everything that is not as it must be. */
const broken = (stack: Recorded): readonly string[] => {
  const graph = guardedGraph(stack);
  return rules.flatMap((rule) =>
    findingsOf(rule, graph).flatMap(({ resource, wrong }) =>
      wrong === undefined ? [] : [`${rule.id}: ${resource.name}`],
    ),
  );
};
const brokenRules = (stack: Recorded): readonly string[] => [
  ...new Set(broken(stack).map((line) => line.slice(0, line.indexOf(':')))),
];

describe('Guard rails', () => {
  it('have each an id, what holds, and the controls it gives evidence for', () => {
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
    for (const { id, title, property, references } of rules) {
      assert.ok(title.length > 10 && property.length > 3, id);
      for (const family of ['NCSC ', 'CAF ', 'SATRE '])
        assert.ok(
          references.some((reference) => reference.startsWith(family)),
          `${id}: no reference to ${family}`,
        );
    }
  });

  const stacks = {
    development: { ...devSettings, ...people },
    'everything a cluster can have': { ...fullSettings, ...people },
    "a site's own servers": { ...siteSettings, ...people },
  };
  for (const [name, settings] of Object.entries(stacks))
    it(`are kept by the Kubernetes stack: ${name}`, async () => {
      assert.deepEqual(broken(await deploy('apply', settings)), []);
    });

  describe('on Kubernetes', () => {
    let good: Recorded;
    before(async () => {
      good = await deploy('apply', { ...devSettings, ...people });
    });
    it('concern something each', () => {
      const graph = guardedGraph(good);
      const idle = rules
        .filter(({ id }) => id.startsWith('kubernetes-'))
        .filter((rule) => findingsOf(rule, graph).length === 0);
      assert.deepEqual(
        idle.map(({ id }) => id),
        [],
      );
    });
    for (const { id } of rules.filter((rule) => rule.id.startsWith('kubernetes-')))
      it(`${id} finds its mutant, and no other rule does`, () => {
        const mutant = kubernetesMutants[id];
        assert.ok(mutant !== undefined, 'no mutant');
        assert.deepEqual(brokenRules(mutant(good)), [id]);
      });
    it('find further ways to break them', () => {
      for (const [id, mutant] of furtherKubernetesMutants) assert.deepEqual(brokenRules(mutant(good)), [id]);
    });
  });
});
