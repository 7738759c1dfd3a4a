import type { RetentionClass } from './rules/retention-codes';
import type { SensitivityLabel } from './rules/sensitive-codes';

/** What happens to one extension, by its url; an url without a rule is dropped and counted (modifier extensions: quarantined). */
export type ExtensionRule =
  | { readonly action: 'drop'; readonly reason: ExtensionDropReason }
  | {
      readonly action: 'keep';
      /** Data types of `value[x]` that may stay; each by its own rule. */
      readonly types: readonly string[];
      /** The only values a `code` may have: extensions bind none by themselves. */
      readonly codes?: readonly string[];
      /** Tells where the person is registered or lives. */
      readonly location?: true;
    }
  | {
      readonly action: 'parts';
      /** Sub-extensions by url; one that is not named is dropped. */
      readonly parts: Readonly<Record<string, ExtensionRule>>;
      /** What its presence says of the resource. */
      readonly sensitive?: SensitivityLabel;
      readonly retention?: RetentionClass;
    };

export type ExtensionDropReason =
  | 'free-text'
  | 'name'
  | 'address'
  | 'contact'
  | 'identifier'
  | 'technical'
  | 'birth-detail';

export const keep = (...types: readonly string[]): ExtensionRule => ({ action: 'keep', types });
export const keepCode = (...codes: readonly string[]): ExtensionRule => ({ action: 'keep', types: ['code'], codes });
export const keepLocation = (...types: readonly string[]): ExtensionRule => ({ action: 'keep', types, location: true });
export const drop = (reason: ExtensionDropReason): ExtensionRule => ({ action: 'drop', reason });
export const keepParts = (
  parts: Readonly<Record<string, ExtensionRule>>,
  marks: { readonly sensitive?: SensitivityLabel; readonly retention?: RetentionClass } = {},
): ExtensionRule => ({ action: 'parts', parts, ...marks });
