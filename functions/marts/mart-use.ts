import { LakeError } from '../../adapters/ports/errors';
import { type Purpose, purposes } from '../privacy/opt-out';
import { type SensitivityLabel, sensitivityLabels, sensitivitySystem } from '../privacy/rules/sensitive-codes';

/** `statistics`: counts of people that show none of them, which opt-outs do not concern (national data opt-out policy chapter 5). */
export type MartPurpose = Purpose | 'statistics';

/** What a mart is for, and the sensitive resources it needs for that. */
export interface MartUse {
  readonly purpose: MartPurpose;
  /** Resources with a label that is not named here are left out. */
  readonly sensitive: readonly SensitivityLabel[];
}

/** System of the codes of purposes in `Library.useContext`. */
const purposeSystem = 'urn:nhs-data-lake:purpose';
const known: readonly MartPurpose[] = [...purposes, 'statistics'];

export interface WithUse {
  readonly useContext?: readonly {
    readonly valueCodeableConcept?: {
      readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
    };
  }[];
}

/**
 * Reads `Library.useContext` (R4 metadatatypes.html#UsageContext). A mart that does not say what it is for is held to the rules
 * of research, the strictest.
 *
 * @throws LakeError `InvalidArgument` for a purpose or label that does not exist, or two purposes.
 */
export function martUse({ useContext = [] }: WithUse): MartUse {
  const codings = useContext.flatMap(({ valueCodeableConcept }) => valueCodeableConcept?.coding ?? []);
  const codesOf = (system: string) => codings.flatMap((one) => (one.system === system ? [one.code] : []));
  const named = codesOf(purposeSystem);
  const [purpose = 'research'] =
    named.length === 0 ? ['research' as const] : known.filter((one) => named.includes(one));
  const sensitive = sensitivityLabels.filter((label) => codesOf(sensitivitySystem).includes(label));
  if (named.length > 1 || (named.length === 1 && purpose !== named[0]))
    throw new LakeError('InvalidArgument', `A mart has one purpose in useContext: ${known.join(', ')}.`);
  if (sensitive.length < new Set(codesOf(sensitivitySystem)).size)
    throw new LakeError('InvalidArgument', `Labels of sensitive resources are: ${sensitivityLabels.join(', ')}.`);
  return { purpose, sensitive };
}
