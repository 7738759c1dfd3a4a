import { LakeError } from '../../adapters/ports/errors';
import { sensitivityLabels } from '../privacy/rules/sensitive-codes';
import { type MartResource, readMartFolders, stagedLibraryOf } from './mart-definitions';
import { type MartUse, martUse } from './mart-use';

/**
 * A mart whose rows another engine makes: Parquet files below `staging/<mart>/<run>/`, which the lake commits. It is a Library of type
 * `model-definition` in the folder of the mart, and says what columns there are, what they are for, and how often a run is due.
 */
export interface StagedMart {
  /** Name of the table: the folder's. */
  readonly name: string;
  readonly description: string;
  readonly use: MartUse;
  readonly columns: readonly StagedColumn[];
  /** The column with the patient of each row; marts for statistics have none. */
  readonly patient: string | undefined;
  /** What a run does to the rows of the runs before. */
  readonly run: 'replace' | 'append';
  /** A run is missed when none has ended for so long. */
  readonly everyHours: number;
}

export interface StagedColumn {
  readonly name: string;
  /** Type of the table's column, in DuckDB's words. */
  readonly type: string;
  /** Whether a file's column of this type loses nothing in it. */
  readonly takes: (fileType: string) => boolean;
}

const runExtension = 'urn:nhs-data-lake:staged-run';
const everyExtension = 'urn:nhs-data-lake:expected-every';

interface StagedLibrary extends MartResource {
  readonly description?: string;
  readonly parameter?: readonly { readonly name?: string; readonly use?: string; readonly type?: string }[];
  readonly extension?: readonly {
    readonly url?: string;
    readonly valueCode?: string;
    readonly valueDuration?: { readonly value?: number; readonly code?: string };
  }[];
}

const whole = /^(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/;
const text: Omit<StagedColumn, 'name'> = { type: 'VARCHAR', takes: (type) => type === 'VARCHAR' };

/** Types of columns by the FHIR type of their parameter (http://hl7.org/fhir/R4/datatypes.html). */
const typeOf: Readonly<Record<string, Omit<StagedColumn, 'name'>>> = {
  Reference: text,
  boolean: { type: 'BOOLEAN', takes: (type) => type === 'BOOLEAN' },
  code: text,
  date: { type: 'DATE', takes: (type) => type === 'DATE' },
  // Spark's own sums of decimals have 38 digits; what has more than nine of them behind the point is refused, not rounded.
  decimal: { type: 'DECIMAL(38,9)', takes: (type) => whole.test(type) || isDecimalWithin(type) },
  instant: { type: 'TIMESTAMP WITH TIME ZONE', takes: (type) => type === 'TIMESTAMP WITH TIME ZONE' },
  integer: { type: 'BIGINT', takes: (type) => whole.test(type) },
  string: text,
  uri: text,
};

function isDecimalWithin(type: string): boolean {
  const [, digits, behind] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  return digits !== undefined && Number(behind) <= 9 && Number(digits) - Number(behind) <= 29;
}

/** Every mart of a folder whose rows another engine makes, by name. */
export const readStagedMarts = (library: string): readonly StagedMart[] =>
  readMartFolders(library).flatMap((folder) => {
    const found = stagedLibraryOf(folder);
    return found === undefined ? [] : [stagedMart(folder.name, found)];
  });

/** @throws LakeError `InvalidArgument` for a Library that does not say what is needed. */
function stagedMart(name: string, library: StagedLibrary): StagedMart {
  const refuse = (what: string): never => {
    throw new LakeError('InvalidArgument', `The Library of the mart ${name}: ${what} See docs/staged-marts.md.`);
  };
  const { description = '', parameter = [], extension = [] } = library;
  const use = martUse(library);
  const columns = parameter.map(({ name: column = '', use: direction, type = '' }): StagedColumn => {
    const known = Object.hasOwn(typeOf, type) ? typeOf[type] : undefined;
    if (direction !== 'out' || known === undefined || !/^[a-z][a-z0-9_]{0,62}$/.test(column))
      return refuse(`each parameter is { name, use: "out", type }, with a type of ${Object.keys(typeOf).join(', ')}.`);
    return { name: column, ...known };
  });
  if (columns.length === 0 || new Set(columns.map((column) => column.name)).size < columns.length)
    refuse('it needs parameters, each column once.');
  const [patient, ...others] = parameter.filter(({ type }) => type === 'Reference');
  if (others.length > 0 || (patient === undefined) !== (use.purpose === 'statistics'))
    refuse('one parameter of type Reference says whose row it is; a mart for statistics has none.');
  // Nobody can see by a row of which resources it was made, so a label that is not named here could not be kept out.
  if (use.purpose !== 'statistics' && use.sensitive.length < sensitivityLabels.length)
    refuse(`its job reads all resources, so useContext names all labels: ${sensitivityLabels.join(', ')}.`);
  const run = extension.find(({ url }) => url === runExtension)?.valueCode;
  const every = extension.find(({ url }) => url === everyExtension)?.valueDuration;
  if (run !== 'replace' && run !== 'append') return refuse(`the extension ${runExtension} is replace or append.`);
  if (every?.code !== 'h' || !Number.isInteger(every.value) || every.value! < 1)
    return refuse(`the extension ${everyExtension} is a Duration of whole hours (code h).`);
  return { name, description, use, columns, patient: patient?.name, run, everyHours: every.value! };
}
