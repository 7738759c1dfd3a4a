/** The compact form of the R4 definitions: what the generator writes and `definitions.ts` reads. */

/** code, then the resource types a Reference or canonical may point to. */
export type TypeRow = readonly [code: string, targets?: readonly string[]];

/** key, severity, FHIRPath, the published sentence. `guidance` is a warning that R4 marks as best practice only. */
export type ConstraintRow = readonly [
  key: string,
  severity: 'error' | 'warning' | 'guidance',
  expression: string,
  human: string,
];

export interface ElementRow {
  /** Name without [x]. */
  readonly n: string;
  /** 1 for a choice element. */
  readonly c?: 1;
  readonly t: readonly TypeRow[];
  readonly min?: 1;
  /** -1 for *; left out for 1. */
  readonly max?: number;
  /** 1 for a modifier element. */
  readonly m?: 1;
  /** 1 for a summary element. */
  readonly s?: 1;
  /** Strength (first letter), value set, and for codes the set outside of which nothing is right. */
  readonly b?: readonly [strength: 'r' | 'e' | 'p' | 'x', valueSet: string, maximum?: string];
  readonly k?: readonly ConstraintRow[];
}

export interface TypeTable {
  readonly kind: 'resource' | 'complex' | 'backbone' | 'primitive';
  readonly base?: string;
  readonly abstract?: 1;
  readonly elements: readonly ElementRow[];
  readonly k?: readonly ConstraintRow[];
  /** The published regular expression of a primitive. */
  readonly p?: string;
}

export interface FhirTables {
  /** `sha256` is over `name NUL sha256(content) LF` of every definition file, sorted by name: folder and archive agree. */
  readonly source: { readonly sha256: string; readonly version: string };
  readonly types: Readonly<Record<string, TypeTable>>;
  /** Expansions of the value sets that bindings name, examples left out; systems with their codes. */
  readonly valueSets: Readonly<Record<string, CodeRows>>;
  /** Modifier extensions that R4 itself defines. */
  readonly modifierExtensions: readonly string[];
}

/** Systems with their codes. */
export type CodeRows = readonly (readonly [system: string, codes: readonly string[]])[];

/** What every start reads; of the rest a row is read when it is asked for. */
export interface TablesHeading extends Pick<FhirTables, 'source' | 'modifierExtensions'> {
  /** The concrete ones, in alphabetical order. */
  readonly resourceTypes: readonly string[];
}

export interface TableLines {
  readonly heading: TablesHeading;
  /** By name, the JSON of a TypeTable. */
  readonly types: ReadonlyMap<string, string>;
  /** By url, the JSON of CodeRows. */
  readonly valueSets: ReadonlyMap<string, string>;
}

const rowsText = (rows: Readonly<Record<string, unknown>>): string =>
  Object.entries(rows)
    .map(([name, row]) => `${name}\t${JSON.stringify(row)}`)
    .join('\n');

/** The tables as text: the heading, then types, then value sets, a line each; an empty line between the parts. */
export function tablesText({ types, valueSets, ...rest }: FhirTables): string {
  const resourceTypes = Object.keys(types).filter(
    (name) => types[name]!.kind === 'resource' && types[name]!.abstract !== 1,
  );
  const heading: TablesHeading = { ...rest, resourceTypes };
  return [JSON.stringify(heading), rowsText(types), rowsText(valueSets)].join('\n\n');
}

const linesOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').map((line) => {
      const tab = line.indexOf('\t');
      return [line.slice(0, tab), line.slice(tab + 1)] as const;
    }),
  );

/** Takes the text apart without parsing its rows: a cold start needs a few of them, and all are 600 KB of JSON. */
export function tableLines(text: string): TableLines {
  const [heading = '', types = '', valueSets = ''] = text.split('\n\n');
  return { heading: JSON.parse(heading) as TablesHeading, types: linesOf(types), valueSets: linesOf(valueSets) };
}
