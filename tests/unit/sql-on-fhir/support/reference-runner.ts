import fhirpath, { type Model } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

/**
 * A straightforward ViewDefinition runner over fhirpath.js, written from the "Processing Algorithm" of the specification and
 * sharing nothing with the compiler: the second opinion of the property tests. One row at a time, no types, no SQL.
 */
export type Row = Record<string, unknown>;

export interface ReferenceSelect {
  readonly column?: readonly { readonly name: string; readonly path: string; readonly collection?: boolean }[];
  readonly select?: readonly ReferenceSelect[];
  readonly unionAll?: readonly ReferenceSelect[];
  readonly forEach?: string;
  readonly forEachOrNull?: string;
  readonly repeat?: readonly string[];
}

export interface ReferenceView {
  readonly resource: string;
  readonly constant?: readonly Readonly<Record<string, unknown>>[];
  readonly select: readonly ReferenceSelect[];
  readonly where?: readonly { readonly path: string }[];
}

interface Reference {
  readonly reference?: string;
}

const userInvocationTable = {
  getResourceKey: { fn: (nodes: { id?: string }[]) => nodes.flatMap(({ id }) => id ?? []), arity: { 0: [] } },
  getReferenceKey: {
    fn: (nodes: Reference[], type?: { readonly name: string }) =>
      nodes.flatMap(({ reference = '' }) => {
        const [found, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]+)(?:\/_history\/.*)?$/.exec(reference)?.slice(1) ?? [];
        return id === undefined || (type !== undefined && type.name !== found) ? [] : [id];
      }),
    arity: { 0: [], 1: ['TypeSpecifier' as const] },
  },
  // fhirpath.js gives nothing for nothing to join; the suite of SQL on FHIR expects the empty string.
  join: {
    fn: (nodes: string[], separator = '') => [nodes.join(separator)],
    arity: { 0: [], 1: ['String' as const] },
    internalStructures: false,
  },
};

const compile = (path: string) => fhirpath.compile(path, r4 as unknown as Model, { userInvocationTable });
const compiled = new Map<string, ReturnType<typeof compile>>();

/** Views share paths, and parsing one takes longer than reading it in a resource. */
function expression(path: string): ReturnType<typeof compile> {
  const found = compiled.get(path) ?? compile(path);
  compiled.set(path, found);
  return found;
}

/** More values than a column takes: an error where a row shows it, and none where a sibling without rows hides it. */
const tooMany = Symbol('more than one value');

/** The view gives more rows of these resources than anybody wants to compare. */
export class TooManyRows extends Error {}

export class ReferenceRunner {
  readonly #view: ReferenceView;
  readonly #mostRows: number;

  constructor(view: ReferenceView, mostRows = Number.POSITIVE_INFINITY) {
    this.#view = view;
    this.#mostRows = mostRows;
  }

  rows(resources: readonly { resourceType: string }[]): Row[] {
    let total = 0;
    return resources.flatMap((resource) => {
      if (resource.resourceType !== this.#view.resource) return [];
      const kept = (this.#view.where ?? []).every(({ path }) => this.#evaluate(path, resource, 0)[0] === true);
      const rows = kept ? this.#process({ select: this.#view.select }, resource, 0) : [];
      if (rows.some((row) => Object.values(row).includes(tooMany))) throw new Error('more than one value');
      total += rows.length;
      if (total > this.#mostRows) throw new TooManyRows();
      return rows;
    });
  }

  #process(select: ReferenceSelect, node: unknown, outer: number): Row[] {
    const foci = this.#foci(select, node);
    if (foci === undefined) return this.#focus(select, node, outer);
    if (foci.length === 0 && select.forEachOrNull !== undefined) return [Object.fromEntries(emptyColumns(select))];
    return foci.flatMap((focus, index) => this.#focus(select, focus, index));
  }

  #foci(select: ReferenceSelect, node: unknown): unknown[] | undefined {
    const path = select.forEach ?? select.forEachOrNull;
    if (path !== undefined) return this.#evaluate(path, node, 0);
    return select.repeat === undefined ? undefined : this.#traverse(select.repeat, node);
  }

  #traverse(paths: readonly string[], node: unknown): unknown[] {
    return paths.flatMap((path) =>
      this.#evaluate(path, node, 0).flatMap((child) => [child, ...this.#traverse(paths, child)]),
    );
  }

  #focus(select: ReferenceSelect, focus: unknown, index: number): Row[] {
    const own: Row = {};
    for (const { name, path, collection = false } of select.column ?? []) {
      const values = this.#evaluate(path, focus, index);
      own[name] = collection ? values : values.length > 1 ? tooMany : (values[0] ?? null);
    }
    const parts = [[own], ...(select.select ?? []).map((inner) => this.#process(inner, focus, index))];
    const union = select.unionAll ?? [];
    if (union.length > 0) parts.push(union.flatMap((branch) => this.#process(branch, focus, index)));
    if (parts.reduce((product, part) => product * part.length, 1) > this.#mostRows) throw new TooManyRows();
    return parts.reduce((rows, part) => rows.flatMap((row) => part.map((more) => ({ ...row, ...more }))));
  }

  #evaluate(path: string, node: unknown, rowIndex: number): unknown[] {
    return expression(this.#withConstants(path))(node, { rowIndex }) as unknown[];
  }

  /** "These placeholders are replaced by the value of the constant before the expression is evaluated." */
  #withConstants(path: string): string {
    return path.replace(/%([A-Za-z]+)/g, (whole, name) => {
      const constant = this.#view.constant?.find((candidate) => candidate.name === name);
      const [key, value] = Object.entries(constant ?? {}).find(([entry]) => entry.startsWith('value')) ?? [];
      if (key === undefined) return whole;
      if (key === 'valueDate' || key === 'valueDateTime') return `@${value}`;
      return typeof value === 'string' ? `'${value}'` : String(value);
    });
  }
}

function emptyColumns(select: ReferenceSelect): [string, unknown][] {
  return [
    ...(select.column ?? []).map(({ name, path }): [string, unknown] => [name, path === '%rowIndex' ? 0 : null]),
    ...(select.select ?? []).flatMap(emptyColumns),
    ...(select.unionAll ?? []).slice(0, 1).flatMap(emptyColumns),
  ];
}
