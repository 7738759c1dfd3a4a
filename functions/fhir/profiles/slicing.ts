import { isJsonObject, type JsonObject, type JsonValue, textOf } from '../json';
import type { ValueSets } from '../value-sets';
import { hasPattern, isFixed } from './fixed-values';
import type { Discriminator, ProfileNode } from './profile-tree';

/** A value with its FHIR type, `Quantity` or a backbone path. */
export interface TypedValue {
  readonly value: JsonValue;
  readonly type: string;
}

/** Does a value belong to a slice? Undefined when the discriminator is one that cannot be decided from the message alone. */
export function isInSlice(
  { value, type }: TypedValue,
  sliceName: string,
  slice: ProfileNode,
  discriminators: readonly Discriminator[],
  valueSets: ValueSets,
): boolean | undefined {
  if (slice.name === 'extension' || slice.name === 'modifierExtension') {
    const url = slice.types?.[0]?.profiles[0] ?? slice.children.get('url')?.fixed;
    return url === undefined ? undefined : isJsonObject(value) && value.url === url;
  }
  // A choice is sliced by type, and R4 lets the slicing itself be left out (profiling.html#discriminator).
  if (slice.name.endsWith('[x]')) return `${slice.name.slice(0, -3)}${type}`.toLowerCase() === sliceName.toLowerCase();
  if (discriminators.length === 0) return undefined;
  for (const discriminator of discriminators) {
    const decided = decide(value, type, slice, discriminator, valueSets);
    if (decided !== true) return decided;
  }
  return true;
}

function decide(
  value: JsonValue,
  valueType: string,
  slice: ProfileNode,
  { type, path }: Discriminator,
  valueSets: ValueSets,
): boolean | undefined {
  const steps = path === '$this' ? [] : path.split('.');
  if (steps.some((step) => !/^[a-z][A-Za-z]*$/.test(step))) return undefined;
  const nodes = pathNodes(slice, steps);
  if (type === 'type') {
    // Slices that do not name a type take the type of the element, which every value has.
    return steps.length === 0 ? (slice.types?.some(({ code }) => code === valueType) ?? true) : undefined;
  }
  const values = valuesAt(value, steps);
  if (type === 'exists') {
    const node = nodes.at(-1);
    return node === undefined ? undefined : values.length > 0 === (node.max !== 0);
  }
  return type === 'value' || type === 'pattern' ? byValue(values, nodes, steps, valueSets) : undefined;
}

/** The nodes on the way from the slice to the discriminator's element, the slice first; those not in the differential left out. */
function pathNodes(slice: ProfileNode, steps: readonly string[]): readonly (ProfileNode | undefined)[] {
  const nodes: (ProfileNode | undefined)[] = [slice];
  for (const step of steps) nodes.push(nodes.at(-1)?.children.get(step) ?? nodes.at(-1)?.children.get(`${step}[x]`));
  return nodes;
}

function byValue(
  values: readonly JsonValue[],
  nodes: readonly (ProfileNode | undefined)[],
  steps: readonly string[],
  valueSets: ValueSets,
): boolean | undefined {
  const node = nodes.at(-1);
  if (node?.fixed !== undefined) return values.some((value) => isFixed(value, node.fixed!));
  if (node?.pattern !== undefined) return values.some((value) => hasPattern(value, node.pattern!));
  // A pattern or fixed value further up may hold the discriminator's value inside.
  for (let index = nodes.length - 2; index >= 0; index -= 1) {
    const around = nodes[index]?.fixed ?? nodes[index]?.pattern;
    if (around === undefined) continue;
    const wanted = valuesAt(around, steps.slice(index));
    if (wanted.length > 0) return wanted.every((one) => values.some((value) => hasPattern(value, one)));
  }
  if (node?.binding?.strength === 'required') {
    const codes = valueSets.get(node.binding.valueSet);
    return codes === undefined ? undefined : values.some((value) => isBound(value, codes.has, codes.hasCode));
  }
  return undefined;
}

function isBound(
  value: JsonValue,
  has: (system: string, code: string) => boolean | undefined,
  hasCode: (code: string) => boolean | undefined,
): boolean {
  if (typeof value === 'string') return hasCode(value) === true;
  if (!isJsonObject(value)) return false;
  if (Array.isArray(value.coding)) return value.coding.some((coding) => isBound(coding, has, hasCode));
  return has(textOf(value.system), textOf(value.code)) === true;
}

function valuesAt(value: JsonValue, steps: readonly string[]): readonly JsonValue[] {
  let found: JsonValue[] = [value];
  for (const step of steps) {
    found = found.filter(isJsonObject).flatMap((object) => childrenOf(object, step));
  }
  return found;
}

function childrenOf(object: JsonObject, step: string): JsonValue[] {
  const child = object[step] ?? object[Object.keys(object).find((key) => isChoiceOf(key, step)) ?? ''];
  return child === undefined ? [] : Array.isArray(child) ? child : [child];
}

const isChoiceOf = (key: string, step: string): boolean =>
  step === 'value' && key.startsWith(step) && /^[A-Z]/.test(key.slice(step.length));
