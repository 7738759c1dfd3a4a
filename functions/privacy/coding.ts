import { LakeError } from '../../adapters/ports/errors';
import type { JsonObject } from '../fhir/json';
import { codeListOf } from './code-lists';
import { isSystemVersion, type LeafTest } from './leaf-formats';
import { codeSystemRules, type ExtraCodeSystem } from './rules/code-systems';
import { type RetentionClass, retentionCodes } from './rules/retention-codes';
import { type SensitivityLabel, sensitiveCodes, sensitiveIcd10 } from './rules/sensitive-codes';
import { dropped, isObject, type RuleSource, type ValueRule } from './split-state';

/** Which codes stay: of the systems the lake knows by list or by form, and of those a configuration adds. */
export class CodeSystems {
  readonly #tests = new Map<string, LeafTest>();

  constructor(extra: readonly ExtraCodeSystem[] = []) {
    for (const { system, isCode } of codeSystemRules) this.#tests.set(system, isCode);
    for (const { system, pattern } of extra) {
      const source = wholePattern(pattern);
      this.#tests.set(system, (code) => source.test(code));
    }
  }

  /** The test of a system's codes; undefined for a system nobody vouches for. */
  testOf(system: string): LeafTest | undefined {
    const known = this.#tests.get(system);
    if (known !== undefined) return known;
    const codes = codeListOf(system);
    if (codes === undefined) return undefined;
    const test: LeafTest = (code) => codes.has(code);
    this.#tests.set(system, test);
    return test;
  }
}

function wholePattern(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    throw new LakeError(
      'InvalidArgument',
      'The pattern of a code system is no regular expression. Give one that matches its codes and nothing else.',
      { cause },
    );
  }
}

const labels = new Map<string, SensitivityLabel>();
const wholeSystems = new Map<string, SensitivityLabel>();
for (const [label, system, codes] of sensitiveCodes) {
  if (codes === '*') wholeSystems.set(system, label);
  else for (const code of codes.split(' ')) labels.set(`${system}|${code}`, label);
}

function labelOf(system: string, code: string): SensitivityLabel | undefined {
  if (system.startsWith('http://hl7.org/fhir/sid/icd-10')) {
    const category = code.slice(0, 3);
    return sensitiveIcd10.find(([, from, to]) => category >= from && category <= to)?.[0];
  }
  return labels.get(`${system}|${code}`) ?? wholeSystems.get(system);
}

const retentionOf = (system: string, code: string): RetentionClass | undefined =>
  retentionCodes.get(`${system}|${code}`);

const lines = {
  display: dropped('Coding.display', 'display'),
  version: dropped('Coding.version', 'format'),
  id: dropped('Coding.id', 'technical'),
  other: dropped('Coding.(unknown)', 'unknown-element'),
  system: dropped('Coding.system', 'unknown-code-system'),
  code: dropped('Coding.code', 'not-a-code'),
};

/**
 * Coding (R4 datatypes.html#Coding): system and code stand or fall together. A sender's `display` is text somebody could
 * have typed beside any code, and matching it would need the terms of every edition of every system, which the lake may not
 * ship; so it is dropped always. Where the deployment has a terminology, `termOf` writes that terminology's own term.
 */
export function codingRule(
  systems: CodeSystems,
  termOf: ((system: string, code: string) => string | undefined) | undefined,
  source: RuleSource,
): ValueRule {
  const extensions = source.extensions('Coding.extension');
  return (value, state) => {
    if (!isObject(value)) return state.refuse('structure', 'Coding');
    const { system, code } = value;
    if (typeof system !== 'string') return state.count(lines.system);
    const isCode = systems.testOf(system);
    if (isCode === undefined) return state.count(lines.system);
    if (typeof code !== 'string' || !isCode(code)) return state.count(lines.code);
    const kept: JsonObject = { system, code };
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined || key === 'system' || key === 'code') continue;
      if (key === 'version' && typeof item === 'string' && isSystemVersion(item)) kept.version = item;
      else if (key === 'userSelected' && typeof item === 'boolean') kept.userSelected = item;
      else if (key === 'extension') {
        const inner = extensions(item, state);
        if (inner !== undefined) kept.extension = inner;
      } else
        state.count(
          key === 'display' ? lines.display : key === 'version' ? lines.version : key === 'id' ? lines.id : lines.other,
        );
    }
    const term = termOf?.(system, code);
    if (term !== undefined) kept.display = term;
    const label = labelOf(system, code);
    if (label !== undefined) state.sensitive.add(label);
    state.holdFor(retentionOf(system, code));
    return kept;
  };
}
