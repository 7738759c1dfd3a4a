import type { Expression } from '../fhirpath/expression';
import type { PlanStep } from '../plan';
import { expressionSql } from './expression-sql';
import { sqlText } from './quoting';
import { fromJson } from './shape-sql';

type Repeat = Extract<PlanStep, { kind: 'repeat' }>;

/** Elements nested deeper than this are refused when the SQL runs; nothing is cut off in silence. */
const maximumDepth = 64;

/** The items of an expression as a list, whether it can give one or many. */
export function listSql(list: Expression, bound?: ReadonlyMap<string, string>): string {
  if (list.type === 'nothing') return 'CAST([] AS JSON[])';
  const sql = expressionSql(list, bound);
  return list.many ? sql : `CASE WHEN ${sql} IS NOT NULL THEN [${sql}] ELSE [] END`;
}

function concatenated(lists: readonly Expression[], bound?: ReadonlyMap<string, string>): string {
  const [first = 'CAST([] AS JSON[])', ...others] = lists.map((list) => listSql(list, bound));
  return others.reduce((all, list) => `list_concat(${all}, ${list})`, first);
}

/**
 * Walks from the seeds of a repeat along its paths, level by level: the state of a reduction holds the nodes found so far
 * and the edge of the walk, each node with its place (its position on every level). A recursive common table expression
 * says the same, but is a join of all rows with all nodes in memory; this streams.
 */
export function walkSql({ seeds, node, paths }: Repeat): string {
  const nodeType = 'STRUCT(place BIGINT[], node JSON)[]';
  const start =
    `struct_pack(found := CAST([] AS ${nodeType}), edge := list_transform(${concatenated(seeds)}, ` +
    'lambda c, j: struct_pack(place := [j], node := c)))';
  const opened = `list_transform(state.edge, lambda c: struct_pack(place := c.place, open := ${fromJson('c.node', node.shape)}))`;
  const { name } = node;
  const below = concatenated(paths, new Map([[name, `${name}.open`]]));
  const next =
    `flatten(list_transform(${opened}, lambda ${name}: list_transform(${below}, ` +
    `lambda c, j: struct_pack(place := list_append(${name}.place, j), node := c))))`;
  return (
    `list_reduce(list_resize([${start}], ${maximumDepth + 1}), lambda state, level: ` +
    'CASE WHEN coalesce(len(state.edge), 0) = 0 THEN state ' +
    `ELSE struct_pack(found := list_concat(state.found, state.edge), edge := ${next}) END)`
  );
}

/** The nodes of a finished walk, depth first: places sort as the lists they are. */
export function walkedSql(state: string): string {
  const message = `Elements are nested more than ${maximumDepth} deep, which a repeat does not follow.`;
  return (
    `CASE WHEN coalesce(len(${state}.edge), 0) > 0 THEN error(${sqlText(message)}) ` +
    `ELSE list_transform(list_sort(${state}.found), lambda c: c.node) END`
  );
}
