import { resourceTypes } from './definitions';
import { checkIngestionRules, ingestionProfile } from './ingestion-profile';
import { verdictOf } from './invariants/fhirpath-invariants';
import { isJsonObject, type JsonObject, type JsonValue } from './json';
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
  /** Issues listed at most; the rest are counted. */
  readonly maxIssues?: number;
}

export interface ValidateOptions {
  /** Profiles the resource must meet besides those in its meta.profile; `ingestionProfile` asks for the lake's own rules. */
  readonly profiles?: readonly string[];
  /** Profiles for every resource of their type that names none, also inside a Bundle: a provider's default. */
  readonly defaultProfiles?: readonly string[];
  /** Warns where a resource is valid and fails a rule of the `ingestionProfile`. */
  readonly advise?: boolean;
}

/** Checks resources against the R4 (4.0.1) definitions: structure, formats, required bindings, references, invariants. */
export class Validator {
  readonly #maxIssues: number;
  readonly #valueSets: ValueSets;
  readonly #profiles: ProfileChecker;
  readonly #profileSet: ProfileSet;
  readonly #checker: ResourceChecker;
  /** By the profiles asked for: providers share a few. */
  readonly #checkers = new Map<string, ResourceChecker>();

  constructor({ packages = [], maxIssues = 100 }: ValidatorOptions = {}) {
    this.#maxIssues = maxIssues;
    this.#valueSets = new ValueSets(
      packages.map(({ valueSets }) => valueSets),
      packages.map(({ codeSystems }) => codeSystems),
    );
    this.#profileSet = new ProfileSet(packages);
    this.#profiles = new ProfileChecker(this.#profileSet, this.#valueSets);
    this.#checker = this.#makeChecker([], [], false);
  }

  /** Issues in the order of the resource's elements; none of severity error means that it is valid. */
  validate(resource: unknown, options: ValidateOptions = {}): readonly OperationOutcomeIssue[] {
    const run = new ValidationRun(this.#maxIssues);
    run.enter(rootStep(resource));
    this.#checkerFor(options).checkResource(resource as JsonValue, run);
    settleDeferred(run);
    return run.finish();
  }

  #checkerFor({ profiles = [], defaultProfiles = [], advise = false }: ValidateOptions): ResourceChecker {
    if (profiles.length === 0 && defaultProfiles.length === 0 && !advise) return this.#checker;
    const name = JSON.stringify([profiles, defaultProfiles, advise]);
    const checker = this.#checkers.get(name) ?? this.#makeChecker(profiles, defaultProfiles, advise);
    if (this.#checkers.size < maxCheckers) this.#checkers.set(name, checker);
    return checker;
  }

  #makeChecker(profiles: readonly string[], defaults: readonly string[], advise: boolean): ResourceChecker {
    const asked = profiles.filter((url) => url !== ingestionProfile);
    const withProfiles = this.#profileSet.size > 0 || asked.length > 0;
    const asksAll = [...profiles, ...defaults].includes(ingestionProfile);
    const defaultsOf = (type: unknown): readonly string[] =>
      defaults.filter((url) => this.#profileSet.typeOf(url) === type);
    return new ResourceChecker(this.#valueSets, {
      extension: (extension, modifier, run) => this.#profiles.checkExtension(extension, modifier, run),
      resource: (resource, contained, run) => {
        const byDefault = contained || namesProfile(resource) ? [] : defaultsOf(resource.resourceType);
        if (withProfiles)
          this.#profiles.checkResource(resource, run.depth === 1 ? [...asked, ...byDefault] : byDefault, run);
        if (!contained && (asksAll || advise)) checkIngestionRules(asksAll ? 'error' : 'warning', resource, run);
      },
    });
  }
}

/** Different sets of asked profiles kept ready. */
const maxCheckers = 256;

const namesProfile = ({ meta }: JsonObject): boolean =>
  isJsonObject(meta) && Array.isArray(meta.profile) && meta.profile.length > 0;

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
