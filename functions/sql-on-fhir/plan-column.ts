import { analysePath } from './fhirpath/analyse';
import type { Expression } from './fhirpath/expression';
import { type Scope, single } from './fhirpath/scope';
import { familyOf, primitiveTypes } from './fhirpath/value-family';
import type { Guard, PlanColumn } from './plan';
import { defaultSqlType, parseAnsiType, type SqlType } from './sql-type';
import type { ViewColumn } from './view-definition';
import { viewFault } from './view-fault';

/** A DOUBLE gives back every decimal of this many digits (IEEE 754: DBL_DIG). */
const digitsOfDouble = 15;

export function planColumn(column: ViewColumn, outer: Scope, guards: readonly Guard[]): PlanColumn {
  const { location } = column.path;
  const path = analysePath(column.path.value, { ...outer, location });
  if (path.type !== 'nothing' && familyOf(path.type) === 'complex') {
    throw viewFault(location, `gives a ${path.type}. A column holds a primitive: select one of its elements.`);
  }
  const fhirType = declaredType(column, path);
  const sqlType =
    column.ansiType === undefined
      ? defaultSqlType(fhirType)
      : parseAnsiType(column.ansiType.value, column.ansiType.location);
  if (needsDecimalText(path, sqlType)) outer.demands.decimalText = true;
  return {
    name: column.name,
    fhirType,
    sqlType,
    collection: column.collection,
    key: path.kind === 'resourceKey' || path.kind === 'referenceKey',
    cases: [{ guards, value: column.collection ? path : single(path) }],
  };
}

function declaredType({ type, location }: ViewColumn, path: Expression): string {
  if (type === undefined) return path.type === 'nothing' ? 'string' : path.type;
  if (!primitiveTypes.includes(type)) {
    throw viewFault(`${location}.type`, `must be a primitive type of FHIR: ${primitiveTypes.join(', ')}.`);
  }
  const [found, declared] = [familyOf(path.type), familyOf(type)];
  const numbers = (found === 'integer' || found === 'decimal') && (declared === 'integer' || declared === 'decimal');
  if (path.type !== 'nothing' && declared !== 'text' && declared !== found && !numbers) {
    throw viewFault(`${location}.type`, `the path gives a ${path.type}. Declare that, or string for its text.`);
  }
  return type;
}

/** True when the column shows more of a decimal than a DOUBLE keeps: its letters, or more than 15 digits. */
function needsDecimalText(path: Expression, sqlType: SqlType): boolean {
  if (path.type !== 'decimal' || path.kind === 'arithmetic' || path.kind === 'literal') return false;
  return sqlType.name === 'VARCHAR' || (sqlType.name === 'DECIMAL' && sqlType.precision > digitsOfDouble);
}
