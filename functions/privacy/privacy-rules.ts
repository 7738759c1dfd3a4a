import { LakeError } from '../../adapters/ports/errors';
import { CodeSystems } from './coding';
import { parseRules } from './element-rules';
import type { ExtensionRule } from './extension-rules';
import type { DatePrecision } from './generalise';
import { RuleCompiler } from './rule-compiler';
import { administrationRules } from './rules/administration';
import { careRules } from './rules/care';
import { clinicalRules } from './rules/clinical';
import type { ExtraCodeSystem } from './rules/code-systems';
import { dataTypeRules } from './rules/data-types';
import { definitionalRules } from './rules/definitional';
import { documentRules } from './rules/documents';
import { extensionRules } from './rules/extensions';
import { financialRules } from './rules/financial';
import { medicationRules } from './rules/medication';
import { peopleRules } from './rules/people';
import { knownProfiles } from './rules/profiles';

/** The shipped rules of every R4 resource type and data type. */
export const elementRules = parseRules(
  dataTypeRules,
  peopleRules,
  clinicalRules,
  careRules,
  medicationRules,
  administrationRules,
  documentRules,
  financialRules,
  definitionalRules,
);

/** What a deployment may decide; everything left out is the strictest shipped setting. */
export interface PrivacySettings {
  /** Precision of birth dates in the clinical copy; `month` (first of the month) unless set. */
  readonly birthDate?: DatePrecision;
  /** Precision of dates of death; `month` unless set. The fact of death always stays. */
  readonly deceased?: DatePrecision;
  /** Further code systems whose codes may stay, for example a hospital's own, each with the form of its codes. */
  readonly codeSystems?: readonly ExtraCodeSystem[];
  /** Further profile urls that may stay in `meta.profile`. */
  readonly profiles?: readonly string[];
  /** Further extensions by url; they add to the shipped rules and cannot replace one. */
  readonly extensions?: ReadonlyMap<string, ExtensionRule>;
  /** Modifier extensions the site understands; any other holds its resource in quarantine. */
  readonly modifierExtensions?: ReadonlyMap<string, ExtensionRule>;
  /** A terminology's own term for a code; without it no `Coding.display` stands in the clinical copy. */
  readonly termOf?: (system: string, code: string) => string | undefined;
}

/** Compiled rules: build once per configuration and keep; the functions inside are made at first use of each type. */
export type PrivacyRules = RuleCompiler;

export function privacyRules(settings: PrivacySettings = {}): PrivacyRules {
  const extra = settings.extensions ?? new Map<string, ExtensionRule>();
  if ([...extra.keys()].some((url) => extensionRules.has(url))) {
    throw new LakeError(
      'InvalidArgument',
      'A configured extension has a shipped privacy rule already. Leave it out: configuration adds rules, it never loosens one.',
    );
  }
  return new RuleCompiler({
    rules: elementRules,
    extensions: new Map([...extensionRules, ...extra]),
    modifierExtensions: settings.modifierExtensions ?? new Map(),
    codeSystems: new CodeSystems(settings.codeSystems),
    termOf: settings.termOf,
    birthDate: settings.birthDate ?? 'month',
    deceased: settings.deceased ?? 'month',
    profiles: new Set([...knownProfiles, ...(settings.profiles ?? [])]),
  });
}
