import { analyseCondition, analysePath } from './fhirpath/analyse';
import type { Expression, Variable } from './fhirpath/expression';
import { nothing, type Scope, variable } from './fhirpath/scope';
import { Shape } from './fhirpath/shape';
import { familyOf } from './fhirpath/value-family';
import type { Guard, PlanColumn, PlanStep, RowIndex, ViewPlan } from './plan';
import { planColumn } from './plan-column';
import { sameSqlType } from './sql-type';
import type { Iteration, Located, ViewDefinition, ViewSelect } from './view-definition';
import { viewFault } from './view-fault';

/** Turns a ViewDefinition into a plan; what the view says wrongly is refused here, with its place. */
export function planView(view: ViewDefinition): ViewPlan {
  return new Planner(view).plan();
}

class Planner {
  readonly #view: ViewDefinition;
  readonly #steps: PlanStep[] = [];
  readonly #resource: Variable;
  readonly #scope: Scope;
  #names = 0;

  constructor(view: ViewDefinition) {
    this.#view = view;
    const shape = new Shape(view.resource);
    shape.need('resourceType', 'code', false);
    this.#resource = { kind: 'variable', name: 'r', type: view.resource, many: false, shape };
    this.#scope = {
      resource: this.#resource,
      focus: this.#resource,
      constants: view.constants,
      rowIndex: undefined,
      lenient: false,
      demands: { decimalKeys: new Set(), decimalText: false },
      fresh: (prefix) => this.#fresh(prefix),
      location: '',
    };
  }

  plan(): ViewPlan {
    const columns = this.#view.select.flatMap((select) => this.#select(select, this.#scope, []));
    if (columns.length === 0) throw viewFault('select', 'needs at least one column.');
    const seen = new Set<string>();
    for (const { name } of columns) {
      // SQL engines take column names without regard to case.
      if (seen.has(name.toLowerCase()))
        throw viewFault('select', 'gives two columns one name. Column names are unique.');
      seen.add(name.toLowerCase());
    }
    const where = this.#view.where.map(({ value, location }) => analyseCondition(value, { ...this.#scope, location }));
    const { demands } = this.#scope;
    return {
      resource: this.#resource,
      steps: this.#steps,
      where,
      columns,
      decimalKeys: demands.decimalText ? [...demands.decimalKeys] : [],
    };
  }

  #fresh(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  /** Columns come in the order of the specification: own columns, nested selects, unionAll. */
  #select(select: ViewSelect, outer: Scope, above: readonly Guard[]): PlanColumn[] {
    const { scope, guards } =
      select.iteration === undefined ? { scope: outer, guards: above } : this.#iterate(select.iteration, outer, above);
    const own = select.columns.map((column) => planColumn(column, scope, guards));
    const nested = select.select.flatMap((inner) => this.#select(inner, scope, guards));
    return [...own, ...nested, ...this.#union(select, scope, guards)];
  }

  #union(select: ViewSelect, scope: Scope, guards: readonly Guard[]): PlanColumn[] {
    const count = select.unionAll.length;
    if (count === 0) return [];
    const name = this.#fresh('b');
    this.#steps.push({ kind: 'branch', name, count, guards });
    const [first = [], ...others] = select.unionAll.map((branch, value) =>
      this.#select(branch, scope, [...guards, { kind: 'branch', branch: name, value }]),
    );
    return others.reduce((columns, branch, index) => {
      return merged(columns, branch, `${select.location}.unionAll[${index + 1}]`);
    }, first);
  }

  #iterate(iteration: Iteration, scope: Scope, guards: readonly Guard[]): { scope: Scope; guards: readonly Guard[] } {
    const index: RowIndex = { name: this.#fresh('i'), used: false };
    const within = (element: Variable): Scope =>
      element.type === 'nothing'
        ? { ...scope, focus: nothing, rowIndex: index }
        : { ...scope, focus: element, rowIndex: index };
    if (iteration.kind === 'repeat') {
      return { scope: within(this.#repeat(iteration.paths, scope, index, guards)), guards };
    }
    const { value, location } = iteration.path;
    const list = analysePath(value, { ...scope, location });
    const element = variable(this.#fresh('e'), list);
    const outer = iteration.kind === 'forEachOrNull';
    this.#steps.push({ kind: 'each', element, list, outer, index, guards });
    return {
      scope: within(element),
      guards: outer ? [...guards, { kind: 'present', element: element.name }] : guards,
    };
  }

  /** Walks from the focus along all paths, again and again; nodes stay JSON because their depth is in the data. */
  #repeat(paths: readonly Located<string>[], scope: Scope, index: RowIndex, guards: readonly Guard[]): Variable {
    const walk = (focus: Expression): Expression[] =>
      paths
        .map(({ value, location }) => analysePath(value, { ...scope, focus, lenient: true, location }))
        .filter(({ type }) => type !== 'nothing');
    const seeds = walk(scope.focus);
    const { type } = seeds[0] ?? nothing;
    const location = paths[0]!.location;
    const named = (name: string): Variable => variable(name, { ...nothing, type, shape: new Shape(type) });
    const element = named(this.#fresh('e'));
    if (seeds.length === 0) {
      // No element of this type is on any path: like a forEach over nothing.
      this.#steps.push({ kind: 'each', element, list: nothing, outer: false, index, guards });
      return element;
    }
    if (familyOf(type) !== 'complex') throw viewFault(location, 'must lead to elements, not to values.');
    const node = named(this.#fresh('n'));
    const next = walk(node);
    for (const found of [...seeds, ...next]) {
      if (found.type !== type) throw viewFault(location, 'the paths of a repeat must lead to elements of one type.');
      found.shape.asJson = true;
    }
    this.#steps.push({ kind: 'repeat', element, seeds, node, paths: next, index, guards });
    return element;
  }
}

/** The columns of two branches of a union, which must agree in names, order and types. */
function merged(columns: readonly PlanColumn[], branch: readonly PlanColumn[], location: string): PlanColumn[] {
  if (branch.length !== columns.length || branch.some(({ name }, index) => name !== columns[index]!.name)) {
    throw viewFault(location, 'must give the same columns in the same order as the first part of the unionAll.');
  }
  return columns.map((column, index): PlanColumn => {
    const other = branch[index]!;
    if (other.collection !== column.collection || !sameSqlType(other.sqlType, column.sqlType)) {
      throw viewFault(location, `column ${index + 1} differs in type. Give both the same type, tag and collection.`);
    }
    return { ...column, cases: [...column.cases, ...other.cases] };
  });
}
