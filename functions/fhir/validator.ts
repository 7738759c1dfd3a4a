import { resourceTypes } from './definitions';
import { checkIngestionRules, type IngestionRule } from './ingestion-profile';
import { verdictOf } from './invariants/fhirpath-invariants';
import { isJsonObject, type JsonValue } from './json';
import type { OperationOutcomeIssue } from './operation-outcome';
import { ProfileChecker } from './profiles/profile-checker';
import type { ProfilePackage } from './profiles/profile-package';
import { ProfileSet } from './profiles/profile-set';
import { ResourceChecker, ruleText } from './resource-checker';
import { ValidationRun } from './validation-run';
import { ValueSets } from './value-sets';

export interface ValidatorOptions {
  /** FHIR packages whose profiles, extensions and value sets are known (see loadProfilePackage). */
  readonly packages?: readonly ProfilePackage[];
  /** What the lake asks beyond validity (see ingestionRules); nothing when left out. */
  readonly ingestionRules?: readonly IngestionRule[];
  /** Issues listed at most; the rest are counted. */
  readonly maxIssues?: number;
}

export interface ValidateOptions {
  /** Profiles the resource must meet besides those in its meta.profile. */
  readonly profiles?: readonly string[];
}

/** Checks resources against the R4 (4.0.1) definitions: structure, formats, required bindings, references, invariants. */
export class Validator {
  readonly #maxIssues: number;
  readonly #valueSets: ValueSets;
  readonly #profiles: ProfileChecker;
  readonly #hasProfiles: boolean;
  readonly #rules: readonly IngestionRule[];
  readonly #checker: ResourceChecker;

  constructor({ packages = [], ingestionRules = [], maxIssues = 100 }: ValidatorOptions = {}) {
    this.#maxIssues = maxIssues;
    this.#rules = ingestionRules;
    this.#valueSets = new ValueSets(packages.map(({ valueSets }) => valueSets));
    const profiles = new ProfileSet(packages);
    this.#hasProfiles = profiles.size > 0;
    this.#profiles = new ProfileChecker(profiles, this.#valueSets);
    this.#checker = this.#checkerFor([]);
  }

  /** Issues in the order of the resource's elements; none of severity error means that it is valid. */
  validate(resource: unknown, { profiles = [] }: ValidateOptions = {}): readonly OperationOutcomeIssue[] {
    const run = new ValidationRun(this.#maxIssues);
    run.enter(rootStep(resource));
    const checker = profiles.length === 0 ? this.#checker : this.#checkerFor(profiles);
    checker.checkResource(resource as JsonValue, run);
    settleDeferred(run);
    return run.finish();
  }

  #checkerFor(asked: readonly string[]): ResourceChecker {
    const withProfiles = this.#hasProfiles || asked.length > 0;
    return new ResourceChecker(this.#valueSets, {
      extension: (extension, modifier, run) => this.#profiles.checkExtension(extension, modifier, run),
      resource: (resource, contained, run) => {
        if (withProfiles) this.#profiles.checkResource(resource, run.depth === 1 ? asked : [], run);
        if (!contained) checkIngestionRules(this.#rules, resource, run);
      },
    });
  }
}

const resources: ReadonlySet<string> = new Set(resourceTypes);

/** The first step of every path: the resource type when it is one, for anything else is a text of the sender's own. */
function rootStep(resource: unknown): string {
  const type = isJsonObject(resource) ? resource.resourceType : undefined;
  return typeof type === 'string' && resources.has(type) ? type : 'Resource';
}

function settleDeferred(run: ValidationRun): void {
  const copies = new Map<unknown, unknown>();
  // The FHIRPath engine does not know numbers kept as their text.
  const plain = <Value>(value: Value): Value => {
    if (!run.exactNumbers) return value;
    if (!copies.has(value)) copies.set(value, JSON.parse(JSON.stringify(value)));
    return copies.get(value) as Value;
  };
  for (const { constraint, value, resource, rootResource, expression } of run.deferred) {
    const verdict = verdictOf({
      constraint,
      value: plain(value),
      resource: plain(resource),
      rootResource: plain(rootResource),
      expression,
    });
    if (verdict === 'fails') run.addAt(constraint.severity, 'invariant', ruleText(constraint), expression);
    else if (verdict === 'undecided')
      run.addAt('information', 'not-supported', `The rule ${constraint.key} cannot be decided here.`, expression);
  }
}
