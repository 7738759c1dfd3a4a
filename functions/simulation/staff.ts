import type { Organization, Practitioner } from 'fhir/r4';
import { staffNames } from './names';
import type { SimulatedProvider } from './providers';
import { Random } from './random';
import { gmcSystem, gmpSystem, odsSystem, ukCoreProfile } from './terms';

const perProvider = 4;
const known = new Map<string, readonly Practitioner[]>();

/** The clinicians of a provider: the same ones for every seed. Numbers have the form of the registers' and no holder. */
export function staffOf({ ods, kind }: SimulatedProvider): readonly Practitioner[] {
  const before = known.get(ods);
  if (before !== undefined) return before;
  const random = new Random('staff', ods);
  const staff = Array.from({ length: perProvider }, (): Practitioner => {
    const identifier =
      kind === 'general-practice'
        ? { system: gmpSystem, value: `G99${random.digits(5)}` }
        : { system: gmcSystem, value: `C99${random.digits(5)}` };
    return {
      resourceType: 'Practitioner',
      meta: { profile: [ukCoreProfile('Practitioner')] },
      identifier: [identifier],
      name: [{ family: random.pick(staffNames), prefix: ['Dr'] }],
    };
  });
  known.set(ods, staff);
  return staff;
}

export const staffName = ({ name }: Practitioner): string => `Dr ${name?.[0]?.family ?? ''}`.trim();

/** `Practitioner?identifier=system|value`, the form senders use that do not know the receiver's ids. */
export function conditionalReferenceTo({ resourceType, identifier }: Practitioner | Organization): string {
  const [first] = identifier ?? [];
  return `${resourceType}?identifier=${first?.system}|${first?.value}`;
}

export const organizationResource = ({ ods, name }: SimulatedProvider): Organization => ({
  resourceType: 'Organization',
  meta: { profile: [ukCoreProfile('Organization')] },
  identifier: [{ system: odsSystem, value: ods }],
  active: true,
  name,
});
