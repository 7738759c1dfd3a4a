import type { Binding } from '../definitions';
import { isJsonObject, type JsonObject, type JsonValue } from '../json';
import type { Constraint } from '../type-check';
import type { DifferentialElement, Profile } from './profile-package';

export interface Discriminator {
  readonly type: string;
  readonly path: string;
}

export interface AllowedType {
  readonly code: string;
  readonly profiles: readonly string[];
  readonly targetProfiles: readonly string[];
}

/** What a profile asks of one element, on top of its type: the differential as a tree, slices apart. */
export interface ProfileNode {
  /** Element name as in the differential: `value[x]`, `valueQuantity`, `identifier`. */
  readonly name: string;
  min: number | undefined;
  max: number | undefined;
  types: readonly AllowedType[] | undefined;
  fixed: JsonValue | undefined;
  pattern: JsonValue | undefined;
  binding: Binding | undefined;
  constraints: readonly Constraint[];
  slicing: { readonly discriminators: readonly Discriminator[]; readonly closed: boolean } | undefined;
  readonly children: Map<string, ProfileNode>;
  readonly slices: Map<string, ProfileNode>;
}

const emptyNode = (name: string): ProfileNode => ({
  name,
  min: undefined,
  max: undefined,
  types: undefined,
  fixed: undefined,
  pattern: undefined,
  binding: undefined,
  constraints: [],
  slicing: undefined,
  children: new Map(),
  slices: new Map(),
});

const cloneMap = (nodes: ReadonlyMap<string, ProfileNode>): Map<string, ProfileNode> =>
  new Map([...nodes].map(([name, node]) => [name, cloneNode(node)]));

const cloneNode = (node: ProfileNode): ProfileNode => ({
  ...node,
  children: cloneMap(node.children),
  slices: cloneMap(node.slices),
});

/** The tree of a profile: that of the profile it builds on, with its own differential laid over. */
export function profileTree(profile: Profile, baseTree: ProfileNode | undefined): ProfileNode {
  const root = baseTree === undefined ? emptyNode(profile.type) : cloneNode(baseTree);
  for (const element of profile.elements) overlay(nodeAt(root, element), element, profile);
  return root;
}

/** `Patient.identifier:nhsNumber.system`: children by name, slices after a colon; reslices (`a/b`) are slices of their own. */
function nodeAt(root: ProfileNode, { id }: DifferentialElement): ProfileNode {
  let node = root;
  for (const step of id.split('.').slice(1)) {
    const [name = '', slice] = step.split(':');
    node = childOf(node.children, name, name);
    if (slice !== undefined) node = childOf(node.slices, slice, name);
  }
  return node;
}

function childOf(nodes: Map<string, ProfileNode>, key: string, name: string): ProfileNode {
  const known = nodes.get(key);
  if (known !== undefined) return known;
  const made = emptyNode(name);
  nodes.set(key, made);
  return made;
}

function overlay(node: ProfileNode, element: DifferentialElement, profile: Profile): void {
  if (typeof element.min === 'number') node.min = element.min;
  if (typeof element.max === 'string') node.max = element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max);
  if (Array.isArray(element.type)) node.types = element.type.filter(isJsonObject).map(allowedType);
  const fixed = valueNamed(element, 'fixed');
  const pattern = valueNamed(element, 'pattern');
  if (fixed !== undefined) node.fixed = fixed;
  if (pattern !== undefined) node.pattern = pattern;
  if (isJsonObject(element.binding) && typeof element.binding.valueSet === 'string') {
    const [valueSet = ''] = element.binding.valueSet.split('|');
    node.binding = { strength: String(element.binding.strength), valueSet };
  }
  if (isJsonObject(element.slicing)) {
    const { discriminator, rules } = element.slicing;
    node.slicing = {
      closed: rules === 'closed',
      discriminators: (Array.isArray(discriminator) ? discriminator.filter(isJsonObject) : []).map((one) => ({
        type: String(one.type),
        path: String(one.path),
      })),
    };
  }
  if (Array.isArray(element.constraint)) {
    const own = element.constraint.filter(isJsonObject).flatMap((one) => constraintOf(one, element, profile));
    node.constraints = [...node.constraints.filter(({ key }) => !own.some((one) => one.key === key)), ...own];
  }
}

const strings = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

const allowedType = (type: JsonObject): AllowedType => ({
  code: String(type.code).replace('http://hl7.org/fhirpath/System.String', 'string'),
  profiles: strings(type.profile),
  targetProfiles: strings(type.targetProfile),
});

const valueNamed = (element: JsonObject, prefix: string): JsonValue | undefined => {
  const key = Object.keys(element).find((name) => name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length)));
  return key === undefined ? undefined : element[key];
};

function constraintOf(row: JsonObject, { path }: DifferentialElement, { type }: Profile): Constraint[] {
  if (typeof row.expression !== 'string' || typeof row.key !== 'string') return [];
  return [
    {
      key: row.key,
      severity: row.severity === 'error' ? 'error' : 'warning',
      human: typeof row.human === 'string' ? row.human : '',
      expression: row.expression,
      base: path.includes('.') ? path : type,
    },
  ];
}
