import { sqlText } from './duckdb/quoting';
import { viewFault } from './view-fault';

interface Member {
  readonly system: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
  readonly inactive?: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A ValueSet as a relation with the columns system, version, code, display and inactive, one row a member (SQL on FHIR
 * 3.0.0-ballot, "Terminology in SQL"), so that code lists are versioned input of a query and not a part of its text. Members
 * are taken from the expansion, else from codes listed in `compose`; a rule that a terminology server would have to work out
 * is refused, so that no list is cut short in silence.
 */
export function valueSetSql(json: unknown): string {
  if (!isObject(json) || json.resourceType !== 'ValueSet') throw viewFault('ValueSet', 'must be a ValueSet resource.');
  const members = isObject(json.expansion) ? wholeExpansion(json.expansion) : composed(json.compose);
  const distinct = new Map(members.map((member) => [rowSql(member, false), member]));
  const columns = '(system, version, code, display, inactive)';
  if (distinct.size === 0)
    return `SELECT * FROM (VALUES ${rowSql({ system: '', code: '' }, true)}) AS member${columns} WHERE false`;
  const rows = [...distinct.values()].map((member) => rowSql(member, true));
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS member${columns}`;
}

function rowSql({ system, version, code, display, inactive }: Member, whole: boolean): string {
  const text = (value: string | undefined): string =>
    `CAST(${value === undefined ? 'NULL' : sqlText(value)} AS VARCHAR)`;
  const key = [text(system), text(version), text(code)];
  return `(${(whole ? [...key, text(display), `CAST(${inactive ?? 'NULL'} AS BOOLEAN)`] : key).join(', ')})`;
}

function objects(value: unknown, location: string): readonly Json[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isObject)) throw viewFault(location, 'must be an array of objects.');
  return value;
}

function member(entry: Json, system: unknown, version: unknown, location: string): Member {
  if (typeof system !== 'string' || typeof entry.code !== 'string')
    throw viewFault(location, 'needs a system and a code.');
  return {
    system,
    code: entry.code,
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof entry.display === 'string' ? { display: entry.display } : {}),
    ...(typeof entry.inactive === 'boolean' ? { inactive: entry.inactive } : {}),
  };
}

/** A server may give a page of an expansion, and says so by its total (R4 valueset.html#expansion). */
function wholeExpansion({ contains, total }: Json): Member[] {
  const members = expanded(contains);
  if (typeof total === 'number' && total > entriesIn(contains))
    throw viewFault('ValueSet.expansion', 'is one page of several: its total is higher. Give it whole.');
  return members;
}

/** Headings among them, as servers count. */
const entriesIn = (contains: unknown): number =>
  objects(contains, '').reduce((sum, entry) => sum + 1 + entriesIn(entry.contains), 0);

/** Nesting in an expansion is for display only; an abstract entry is a heading. */
function expanded(contains: unknown, location = 'ValueSet.expansion.contains'): Member[] {
  return objects(contains, location).flatMap((entry, index) => {
    const place = `${location}[${index}]`;
    const own = entry.abstract === true ? [] : [member(entry, entry.system, entry.version, place)];
    return [...own, ...expanded(entry.contains, `${place}.contains`)];
  });
}

function composed(compose: unknown): Member[] {
  if (!isObject(compose)) throw viewFault('ValueSet', 'needs an expansion, or a compose that lists its codes.');
  if (objects(compose.exclude, 'ValueSet.compose.exclude').length > 0) {
    throw viewFault('ValueSet.compose.exclude', 'cannot be worked out here. Give an expansion.');
  }
  return objects(compose.include, 'ValueSet.compose.include').flatMap((include, index) => {
    const place = `ValueSet.compose.include[${index}]`;
    if (include.filter !== undefined || include.valueSet !== undefined || include.concept === undefined) {
      throw viewFault(place, 'must list its concepts: filters, other value sets and whole systems need an expansion.');
    }
    return objects(include.concept, `${place}.concept`).map((concept) =>
      member(concept, include.system, include.version, place),
    );
  });
}
