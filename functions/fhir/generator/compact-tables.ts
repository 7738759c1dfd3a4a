import type { ConstraintRow, ElementRow, FhirTables, TypeRow, TypeTable } from '../table-format';
import { ValueSetExpander } from '../value-set-expander';
import type { Definition } from './read-package';

interface ElementType {
  readonly code: string;
  readonly profile?: readonly string[];
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string; readonly valueString?: string }[];
  readonly targetProfile?: readonly string[];
}

interface SnapshotElement {
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly type?: readonly ElementType[];
  readonly contentReference?: string;
  readonly isModifier?: boolean;
  readonly isSummary?: boolean;
  readonly binding?: {
    readonly strength: string;
    readonly valueSet?: string;
    readonly extension?: readonly { readonly url: string; readonly valueCanonical?: string }[];
  };
  readonly constraint?: readonly {
    readonly key: string;
    readonly severity: 'error' | 'warning';
    readonly expression?: string;
    readonly human?: string;
    readonly source?: string;
    readonly extension?: readonly { readonly url: string; readonly valueBoolean?: boolean }[];
  }[];
}

interface Structure extends Definition {
  readonly name: string;
  readonly type: string;
  readonly kind: 'resource' | 'complex-type' | 'primitive-type' | 'logical';
  readonly abstract: boolean;
  readonly derivation?: string;
  readonly baseDefinition?: string;
  readonly fhirVersion?: string;
  readonly snapshot?: { readonly element: readonly SnapshotElement[] };
}

const kinds = { resource: 'resource', 'complex-type': 'complex', 'primitive-type': 'primitive' } as const;
const fhirCore = 'http://hl7.org/fhir/StructureDefinition/';
const lastName = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

/** Base types and resources only (no profiles), as of exactly 4.0.1: a stray definition of a later version is passed over. */
const isBase = (definition: Definition): definition is Structure => {
  const structure = definition as Structure;
  return (
    structure.resourceType === 'StructureDefinition' &&
    structure.kind in kinds &&
    structure.derivation !== 'constraint' &&
    structure.fhirVersion === '4.0.1' &&
    structure.snapshot !== undefined
  );
};

function typeRow(isResourceId: boolean, { code, targetProfile, extension }: ElementType): TypeRow {
  // Ids and Extension.url are typed by FHIRPath's System.String; an extension names the FHIR type. Resource ids, named
  // string there, are FHIR ids (resource.html#id).
  const fhirType = extension?.find(({ url }) => url.endsWith('structuredefinition-fhir-type'))?.valueUrl;
  const plain = code.startsWith('http://hl7.org/fhirpath/System.')
    ? isResourceId
      ? 'id'
      : (fhirType ?? 'string')
    : code;
  const targets = targetProfile?.map(lastName).sort();
  return targets === undefined ? [plain] : [plain, targets];
}

function constraintRows(element: SnapshotElement, own: string): readonly ConstraintRow[] {
  return (element.constraint ?? [])
    .filter(({ expression, source }) => expression !== undefined && (source === undefined || source === own))
    .map(({ key, severity, expression, human, extension }): ConstraintRow => {
      const guidance = extension?.some(({ url }) => url.endsWith('elementdefinition-bestpractice')) === true;
      return [key, guidance ? 'guidance' : severity, expression!, human ?? ''];
    });
}

/** What SimpleQuantity, the one data type profile that R4 elements name, asks beyond Quantity (sqty-1). */
function profileConstraints(element: SnapshotElement, profiles: ReadonlyMap<string, Structure>): ConstraintRow[] {
  return (element.type ?? []).flatMap(({ profile }) =>
    (profile ?? []).flatMap((url) => {
      const root = profiles.get(url)?.snapshot?.element[0];
      return root === undefined ? [] : [...constraintRows(root, url)];
    }),
  );
}

/** Of codes alone: concepts of UK Core's own examples name languages by a system of the UK. */
function maximumOf({ type, binding }: SnapshotElement): [] | [string] {
  if (type?.some(({ code }) => code !== 'code') !== false) return [];
  const url = binding?.extension?.find((one) => one.url.endsWith('/elementdefinition-maxValueSet'))?.valueCanonical;
  return url === undefined ? [] : [url.split('|')[0]!];
}

function elementRow(
  element: SnapshotElement,
  name: string,
  isParent: boolean,
  own: string,
  isResource: boolean,
  profiles: ReadonlyMap<string, Structure>,
): ElementRow {
  const choice = name.endsWith('[x]');
  const types: readonly TypeRow[] =
    element.contentReference !== undefined
      ? [[element.contentReference.slice(element.contentReference.indexOf('#') + 1)]]
      : isParent
        ? [[element.path]]
        : (element.type ?? []).map((type) => typeRow(isResource && /^[A-Za-z]+\.id$/.test(element.path), type));
  const constraints = [...constraintRows(element, own), ...profileConstraints(element, profiles)];
  const { binding } = element;
  const strength =
    binding === undefined
      ? undefined
      : ({ required: 'r', extensible: 'e', preferred: 'p', example: 'x' } as const)[binding.strength];
  return {
    n: choice ? name.slice(0, -3) : name,
    ...(choice ? { c: 1 } : {}),
    t: types,
    ...(element.min > 0 ? { min: 1 } : {}),
    ...(element.max === '1' ? {} : { max: element.max === '*' ? -1 : Number(element.max) }),
    ...(element.isModifier === true ? { m: 1 } : {}),
    ...(element.isSummary === true ? { s: 1 } : {}),
    ...(strength === undefined || binding?.valueSet === undefined
      ? {}
      : { b: [strength, binding.valueSet.split('|')[0]!, ...maximumOf(element)] }),
    ...(constraints.length === 0 ? {} : { k: constraints }),
  } as ElementRow;
}

function tablesOf(structure: Structure, profiles: ReadonlyMap<string, Structure>): [string, TypeTable][] {
  const own = `${fhirCore}${structure.name}`;
  const elements = structure.snapshot!.element;
  const parents = new Set(elements.map(({ path }) => path.slice(0, path.lastIndexOf('.'))));
  const found = new Map<string, { table: TypeTable; rows: ElementRow[] }>();
  for (const element of elements) {
    const { path } = element;
    if (parents.has(path) || path === structure.type) {
      const rows: ElementRow[] = [];
      const isRoot = path === structure.type;
      const constraints = isRoot ? constraintRows(element, own) : [];
      const pattern = elements
        .find((one) => structure.kind === 'primitive-type' && one.path === `${structure.type}.value`)
        ?.type?.[0]?.extension?.find(({ url }) => url === `${fhirCore}regex`)?.valueString;
      const table: TypeTable = {
        kind: isRoot ? kinds[structure.kind as keyof typeof kinds] : 'backbone',
        ...(isRoot && structure.baseDefinition !== undefined ? { base: lastName(structure.baseDefinition) } : {}),
        ...(isRoot && structure.abstract ? { abstract: 1 } : {}),
        elements: rows,
        ...(constraints.length === 0 ? {} : { k: constraints }),
        ...(pattern === undefined ? {} : { p: pattern }),
      };
      found.set(path, { table, rows });
    }
    const parent = found.get(path.slice(0, path.lastIndexOf('.')));
    const name = path.slice(path.lastIndexOf('.') + 1);
    parent?.rows.push(elementRow(element, name, parents.has(path), own, structure.kind === 'resource', profiles));
  }
  return [...found].map(([path, { table }]) => [path, table]);
}

/** Codes of a set that is not required: only the 6,401 of c80-doc-typecodes are more, most of the space for a recommendation. */
const mostCodes = 500;

export function compactTables(definitions: readonly Definition[], sha256: string): FhirTables {
  const structures = definitions.filter((one): one is Structure => one.resourceType === 'StructureDefinition');
  const profiles = new Map(structures.flatMap((one) => (one.derivation === 'constraint' ? [[one.url!, one]] : [])));
  const types = structures
    .filter(isBase)
    .flatMap((structure) => tablesOf(structure, profiles))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const expander = new ValueSetExpander(definitions);
  const bindings = types.flatMap(([, table]) => table.elements.flatMap(({ b }) => (b === undefined ? [] : [b])));
  const urlsOf = (...of: string[]) =>
    new Set(bindings.filter(([strength]) => of.includes(strength)).map(([, url]) => url));
  const required = urlsOf('r');
  const valueSets = [...urlsOf('r', 'e', 'p')].sort().flatMap((url) => {
    const expansion = expander.expand(url);
    const size = expansion?.reduce((sum, [, codes]) => sum + codes.length, 0) ?? 0;
    return expansion === undefined || (size > mostCodes && !required.has(url)) ? [] : [[url, expansion] as const];
  });
  return {
    source: { sha256, version: '4.0.1' },
    types: Object.fromEntries(types),
    valueSets: Object.fromEntries(valueSets),
    modifierExtensions: [...profiles.values()]
      .filter(({ type, snapshot }) => type === 'Extension' && snapshot?.element[0]?.isModifier === true)
      .map(({ url }) => url!)
      .sort(),
  };
}
