import type { Guard, PlanColumn, PlanStep, ViewPlan } from '../plan';
import { outputSql } from './cast-sql';
import { expressionSql } from './expression-sql';
import { listSql, walkedSql, walkSql } from './list-sql';
import { sqlIdentifier } from './quoting';
import { fromJson } from './shape-sql';
import { sourceSql, type ViewSource } from './source-sql';

/**
 * A plan as one SELECT. Every step is a subquery around the one before and passes its variables on; lists are unnested in
 * the select list, so that DuckDB streams rows through without a join and reads the source once.
 */
export function querySql(plan: ViewPlan, source: ViewSource): string {
  const { from, where, carried } = sourceSql(source, plan.resource.shape, plan.decimalKeys);
  const conditions = [...where, ...plan.where.map((condition) => expressionSql(condition))];
  const start: Pipeline = {
    rows: `${from} WHERE ${conditions.join(' AND ')}`,
    variables: [...carried, plan.resource.name],
  };
  const { rows } = plan.steps.reduce(applyStep, start);
  const columns = plan.columns.map((column) => `${columnSql(column)} AS ${sqlIdentifier(column.name)}`);
  return `SELECT ${[...carried, ...columns].join(', ')} FROM ${rows}`;
}

interface Pipeline {
  /** What stands after FROM. */
  readonly rows: string;
  /** The columns that every stage passes on. */
  readonly variables: readonly string[];
}

interface NewColumn {
  readonly name: string;
  readonly sql: string;
}

/** A subquery that adds columns, and drops one that has served. */
function stage({ rows, variables }: Pipeline, added: readonly NewColumn[], dropped?: string): Pipeline {
  const kept = variables.filter((name) => name !== dropped);
  const list = [...kept, ...added.map(({ name, sql }) => `${sql} AS ${name}`)];
  return { rows: `(SELECT ${list.join(', ')} FROM ${rows})`, variables: [...kept, ...added.map(({ name }) => name)] };
}

function applyStep(pipeline: Pipeline, step: PlanStep): Pipeline {
  if (step.kind === 'branch') {
    const branches = `[${Array.from({ length: step.count }, (_, value) => value).join(', ')}]`;
    return stage(pipeline, [{ name: step.name, sql: `unnest(${guarded(step.guards, branches)})` }]);
  }
  const { name, shape } = step.element;
  // The list is a column of its own first: it is read up to three times.
  const list = `${name}_list`;
  if (step.kind === 'each') {
    const listed = stage(pipeline, [{ name: list, sql: listSql(step.list) }]);
    return stage(listed, unnested(step, list), list);
  }
  const state = `${name}_walk`;
  const walking = stage(pipeline, [{ name: state, sql: walkSql(step) }]);
  const walked = stage(walking, [{ name: list, sql: walkedSql(state) }], state);
  const nodes = stage(walked, unnested(step, list), list);
  return stage(nodes, [{ name, sql: fromJson(name, shape) }], name);
}

/** Where a step does not apply, it passes its row through once, with an empty element. */
function guarded(guards: readonly Guard[], sql: string): string {
  return guards.length === 0 ? sql : `CASE WHEN ${conditionSql(guards)} THEN ${sql} ELSE [NULL] END`;
}

/** The column that tells whether the list of a forEachOrNull had items. */
const presence = (element: string): string => `${element}_here`;

const conditionSql = (guards: readonly Guard[]): string =>
  guards
    .map((guard) => (guard.kind === 'branch' ? `${guard.branch} = ${guard.value}` : presence(guard.element)))
    .join(' AND ');

function unnested(step: Exclude<PlanStep, { kind: 'branch' }>, list: string): NewColumn[] {
  const outer = step.kind === 'each' && step.outer;
  const kept = outer ? `CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END` : list;
  const items = guarded(step.guards, kept);
  const { name } = step.element;
  const columns = [{ name, sql: `unnest(${items})` }];
  if (outer) columns.push({ name: presence(name), sql: `coalesce(len(${list}) > 0, false)` });
  if (step.index.used) columns.push({ name: step.index.name, sql: `generate_subscripts(${items}, 1) - 1` });
  return columns;
}

function columnSql(column: PlanColumn): string {
  const [first, ...others] = column.cases;
  // %rowIndex is 0, not NULL, in the row of an empty forEachOrNull; its variable already is.
  const isIndex = first!.value.kind === 'rowIndex';
  if (others.length === 0) {
    const sql = outputSql(first!.value, column);
    const guards = first!.guards.filter(({ kind }) => kind === 'present' && !isIndex);
    return guards.length === 0 ? sql : `CASE WHEN ${conditionSql(guards)} THEN ${sql} END`;
  }
  const cases = column.cases.map(
    ({ guards, value }) => `WHEN ${conditionSql(guards)} THEN ${outputSql(value, column)}`,
  );
  return `CASE ${cases.join(' ')}${isIndex ? ' ELSE 0' : ''} END`;
}
