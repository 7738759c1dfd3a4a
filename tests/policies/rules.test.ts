import assert from 'node:assert/strict';
import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import { recordedStack } from '../../stacks/commands/recorded-stack';
import { devSettings, fullSettings, siteSettings } from '../components/dev-stack';
import { deploy } from '../components/recorded-lake';
import { repository } from '../support/machine-tools';
import { awsMutants, furtherAwsMutants } from './aws-mutants';
import { keptAwsStack } from './kept-aws-stack';
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

  const homes = {
    Kubernetes: {
      begins: (id: string) => id.startsWith('kubernetes-'),
      stack: () => deploy('apply', { ...devSettings, ...people }),
      mutants: kubernetesMutants,
      further: furtherKubernetesMutants,
    },
    AWS: {
      begins: (id: string) => !id.startsWith('kubernetes-'),
      stack: async () => keptAwsStack,
      mutants: awsMutants,
      further: furtherAwsMutants,
    },
  };
  for (const [home, { begins, stack, mutants, further }] of Object.entries(homes)) {
    const own = rules.filter(({ id }) => begins(id));
    describe(`on ${home}`, () => {
      let good: Recorded;
      before(async () => {
        good = await stack();
      });
      it('are kept by a good stack, and concern something in it each', () => {
        assert.deepEqual(broken(good), []);
        const graph = guardedGraph(good);
        const idle = own.filter((rule) => findingsOf(rule, graph).length === 0);
        assert.deepEqual(
          idle.map(({ id }) => id),
          [],
        );
      });
      it('have a mutant each, and no mutant is left over', () => {
        assert.deepEqual(Object.keys(mutants).sort(), own.map(({ id }) => id).sort());
      });
      for (const { id } of own)
        it(`${id} finds its mutant, and no other rule does`, () => {
          assert.deepEqual(brokenRules(mutants[id]?.(good) ?? []), [id]);
        });
      it('find further ways to break them', () => {
        for (const [id, mutant] of further) assert.deepEqual(brokenRules(mutant(good)), [id]);
      });
    });
  }

  it('are kept by the stack of production on AWS, where each mutant of what it has turns its rule red', async () => {
    const good = await recordedStack('prod-aws', repository);
    assert.deepEqual(broken(good), []);
    const types = new Set(good.map(({ type }) => type));
    const found = Object.entries(awsMutants).filter(([id, mutant]) => {
      const rule = rules.find((one) => one.id === id);
      if (rule?.types.some((type) => types.has(type)) !== true) return false;
      try {
        return brokenRules(mutant(good)).join() === id;
      } catch {
        // It changes a kind of resource that this stack has not got.
        return false;
      }
    });
    assert.ok(found.length >= 70, `${found.length} of ${Object.keys(awsMutants).length}`);
  });
});
