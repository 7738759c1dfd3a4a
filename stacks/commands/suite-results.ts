/** What a suite showed: tests by their file and outermost title (docs/results, written by the suites themselves). */
export type SuiteResults = Readonly<Record<string, Readonly<Record<string, ResultCounts>>>>;

export interface ResultCounts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

/** Suites that leave their results. */
export const suites = ['emulators', 'engine', 'cluster'] as const;
export type Suite = (typeof suites)[number];

export type AllResults = Readonly<Record<Suite, SuiteResults>>;

/** A stack of this repository, by what of its target the suites know it by. */
export interface ShownBy {
  /** Outermost titles of tests that bring the whole stack up. */
  readonly broughtUp: Readonly<Partial<Record<'engine' | 'cluster', RegExp>>>;
  /** Beginnings of titles of the contract suites of its target's adapters, and of files about its functions. */
  readonly adapters: RegExp;
  readonly functions: RegExp;
}

/** The port whose contract is what a component's servers are for. */
const portOf: Readonly<Record<string, string>> = {
  'object-store': 'ObjectStore',
  'key-ring': 'KeyManagement',
  'state-database': 'StateDatabase',
  events: 'Events',
  catalogue: 'Catalogue',
};

const sum = (all: readonly ResultCounts[]): ResultCounts =>
  all.reduce(
    (one, other) => ({
      passed: one.passed + other.passed,
      failed: one.failed + other.failed,
      notRun: one.notRun + other.notRun,
    }),
    { passed: 0, failed: 0, notRun: 0 },
  );

const countsOf = (results: SuiteResults, wanted: (file: string, title: string) => boolean): ResultCounts =>
  sum(
    Object.entries(results).flatMap(([file, titles]) =>
      Object.entries(titles).flatMap(([title, counts]) => (wanted(file, title) ? [counts] : [])),
    ),
  );

/** What tests that passed show by the means they had; one that failed takes it back. */
function shown(means: string, { passed, failed }: ResultCounts): readonly string[] {
  if (failed > 0) return [`**${means} failed** (${failed} of ${passed + failed})`];
  return passed > 0 ? [`${means} (${passed})`] : [];
}

/** How the whole stack was brought up, changed and taken down: of each of its components, since all are in it. */
export function deploymentCell({ broughtUp }: ShownBy, results: AllResults): string {
  const parts = (['engine', 'cluster'] as const).flatMap((suite) => {
    const title = broughtUp[suite];
    return title === undefined
      ? []
      : shown(
          `real ${suite}`,
          countsOf(results[suite], (_, one) => title.test(one)),
        );
  });
  return parts.length === 0 ? 'not shown' : parts.join(', ');
}

/** What a component does for the lake's functions, held to servers of its kind; undefined where no suite is about it. */
export function workCell(component: string, { adapters, functions }: ShownBy, results: AllResults): string {
  const port = portOf[component];
  const wanted =
    port !== undefined
      ? (_: string, title: string) => title.startsWith(`${port}: `) && adapters.test(title)
      : component === 'function'
        ? (file: string) => functions.test(file)
        : undefined;
  const parts = wanted === undefined ? [] : shown('emulator', countsOf(results.emulators, wanted));
  return parts.length === 0 ? 'not shown' : parts.join(', ');
}
