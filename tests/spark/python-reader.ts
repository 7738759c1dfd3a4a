import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Rendering, type Row, statementOf, type TableReader } from './table-reader';

const run = promisify(execFile);

export const pythonRendering: Rendering = { hex: String };

/** A program, and what it is started with. */
export interface PythonProgram {
  readonly command: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly script: string;
  /** A literal of a moment in the engine's SQL. */
  readonly moment: (iso: string) => string;
}

/** Runs a script with a job as JSON; what it writes to the file of its second argument is the answer. */
export async function runPython<Answer>(
  { command, environment, script }: Omit<PythonProgram, 'moment'>,
  job: unknown,
): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'lake-python-'));
  try {
    const [jobFile, answerFile] = [join(folder, 'job.json'), join(folder, 'answer.json')];
    await writeFile(jobFile, JSON.stringify(job));
    await run(command, [join(__dirname, script), jobFile, answerFile], {
      env: { ...process.env, ...environment, TZ: 'UTC' },
      cwd: folder,
      maxBuffer: 16 * 1024 * 1024,
      timeout: 400_000,
    });
    return JSON.parse(await readFile(answerFile, 'utf8')) as Answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** delta-rs or Spark, each in one process for all questions. */
export const pythonReader = (program: PythonProgram): TableReader => ({
  async rows(questions) {
    const job = questions.map((question) => ({
      name: question.name,
      folder: question.folder,
      columns: question.schema.fields.map((field) => field.name),
      version: question.version ?? null,
      // Without a condition the engine's own way of reading a whole table.
      sql: (question.where ?? question.statement) ? statementOf(question, '{table}', program.moment) : null,
    }));
    return new Map(Object.entries(await runPython<Record<string, Row[]>>(program, { read: job })));
  },
  close: async () => undefined,
});
