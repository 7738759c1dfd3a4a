import { dataTypeInvariants, type NativeInvariant } from './data-type-invariants';
import { resourceInvariants } from './resource-invariants';

const all: Readonly<Record<string, NativeInvariant>> = { ...dataTypeInvariants, ...resourceInvariants };

/** Conformance resources name themselves by a rule that R4 repeats under a key of each: `name.matches('[A-Z]…')`. */
const computerName = /^[A-Z][A-Za-z0-9_]{0,254}$/;
const isComputerNameRule = /^[a-z]+-0$/;

const nameRule: NativeInvariant = ({ name }) => typeof name !== 'string' || computerName.test(name);

/** An invariant written out in TypeScript; undefined when FHIRPath has to evaluate it. R4 uses some keys twice: `key@type`. */
export function nativeInvariant(key: string, base: string): NativeInvariant | undefined {
  const named = `${key}@${base}`;
  if (Object.hasOwn(all, named)) return all[named];
  if (Object.hasOwn(all, key)) return all[key];
  return isComputerNameRule.test(key) ? nameRule : undefined;
}

/** Keys (or `key@type`) of all written-out invariants, for the test that holds them against FHIRPath. */
export const nativeInvariantKeys: readonly string[] = Object.keys(all);
