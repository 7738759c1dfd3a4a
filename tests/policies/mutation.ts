import type { RecordedResource } from '../../stacks/commands/resource-graph';

export type Recorded = readonly RecordedResource[];
/** A stack with one thing changed. */
export type Mutant = (stack: Recorded) => Recorded;
type Where = (resource: RecordedResource) => boolean;

/** The value with another at a path of names and numbers; undefined takes it away. */
export function withValue(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(key) ? withValue(item, rest, to) : item));
  const { [key]: inner, ...others } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const changed = withValue(inner, rest, to);
  return changed === undefined ? others : { ...others, [key]: changed };
}

function first(stack: Recorded, type: string, where: Where): RecordedResource {
  const found = stack.find((resource) => resource.type === type && where(resource));
  if (found === undefined) throw new Error(`The stack has no ${type} that this mutant could change.`);
  return found;
}

/** One argument of the first resource of a type flipped. */
export const flip =
  (type: string, path: string, to: unknown, where: Where = () => true): Mutant =>
  (stack) => {
    const target = first(stack, type, where);
    const inputs = withValue(target.inputs, path.split('.'), to) as RecordedResource['inputs'];
    return stack.map((resource) => (resource === target ? { ...resource, inputs } : resource));
  };

/** The first resource of a type left out. */
export const drop =
  (type: string, where: Where = () => true): Mutant =>
  (stack) => {
    const target = first(stack, type, where);
    return stack.filter((resource) => resource !== target);
  };

/** One resource more. */
export const add =
  (type: string, inputs: RecordedResource['inputs']): Mutant =>
  (stack) => {
    const name = 'planted';
    const urn = `urn:pulumi:test::nhs-data-lake::${type}::${name}`;
    const standing = { parent: '', component: '', provider: 'p::p', custom: true, protect: false, read: false };
    return [...stack, { type, name, urn, id: name, inputs, outputs: {}, ...standing }];
  };

/** The text of a policy with one statement of it changed; `undefined` takes the statement out. */
export const restate =
  (
    type: string,
    path: string,
    change: (statement: Record<string, unknown>) => unknown,
    where: Where = () => true,
  ): Mutant =>
  (stack) => {
    const target = first(stack, type, where);
    const document = JSON.parse(
      String(path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], target.inputs)),
    ) as {
      Statement: Record<string, unknown>[];
    };
    const changed = { ...document, Statement: document.Statement.flatMap((statement) => change(statement) ?? []) };
    return flip(type, path, JSON.stringify(changed), (one) => one === target)(stack);
  };
