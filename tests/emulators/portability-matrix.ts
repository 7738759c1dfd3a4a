export type Outcome = 'passed' | 'failed' | 'pending';

/** A capability an adapter does not declare is asserted too: tests with this title show that it is refused. */
export const refusedTitle = 'refused as declared';
const notRun = 'not run: ';
/** Titles of tests that show that a capability has no place at an adapter (`hasNoNetwork`): they stand in its cell as they are. */
const noPlace = /^no network: /;

interface Cell {
  passed: number;
  refused: number;
  failed: number;
  readonly pending: string[];
  readonly noPlace: string[];
}

/** Port x capability x adapter, gathered from the results of the contract suites. */
export class PortabilityMatrix {
  readonly #ports = new Map<string, Map<string, Map<string, Cell>>>();
  readonly #adapters = new Map<string, Set<string>>();
  /** Adapters whose whole suite was not run, with the reason. */
  readonly #away = new Map<string, string>();

  /** @param path titles of a test from the outermost: `Port: adapter`, capability, test; others are no contract. */
  add(path: readonly string[], outcome: Outcome): void {
    const [, port, adapter] = /^([A-Z]\w+): (.+)$/.exec(path[0] ?? '') ?? [];
    if (port === undefined || adapter === undefined) return;
    this.#adapters.set(port, (this.#adapters.get(port) ?? new Set()).add(adapter));
    const title = path.at(-1)!;
    if (path.length === 2) {
      if (outcome === 'pending') this.#away.set(`${port}: ${adapter}`, title);
      else if (outcome === 'failed') this.#cellOf(port, 'the suite itself', adapter).failed += 1;
      return;
    }
    const cell = this.#cellOf(port, path[1]!, adapter);
    if (outcome === 'failed') cell.failed += 1;
    else if (outcome === 'pending') cell.pending.push(title.replace(notRun, ''));
    else if (title.startsWith(refusedTitle)) cell.refused += 1;
    else if (noPlace.test(title)) cell.noPlace.push(title);
    else cell.passed += 1;
  }

  /** A table a port, as Markdown. */
  toMarkdown(): string {
    return [...this.#ports]
      .map(([port, rows]) => {
        const adapters = [...this.#adapters.get(port)!];
        const table = [
          ['', ...adapters],
          ['---', ...adapters.map(() => '---')],
          ...[...rows].map(([capability, cells]) => [
            capability,
            ...adapters.map((adapter) => this.#away.get(`${port}: ${adapter}`) ?? textOf(cells.get(adapter))),
          ]),
        ];
        return `## ${port}\n\n${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
      })
      .join('\n');
  }

  #cellOf(port: string, capability: string, adapter: string): Cell {
    const rows = this.#ports.get(port) ?? new Map<string, Map<string, Cell>>();
    this.#ports.set(port, rows);
    const cells = rows.get(capability) ?? new Map<string, Cell>();
    rows.set(capability, cells);
    const cell = cells.get(adapter) ?? { passed: 0, refused: 0, failed: 0, pending: [], noPlace: [] };
    cells.set(adapter, cell);
    return cell;
  }
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return 'not run: no suite for it';
  const { passed, refused, failed, pending, noPlace } = cell;
  if (failed > 0) return `**failed** (${failed} of ${failed + passed + refused})`;
  const parts = [
    ...(passed > 0 ? [`proven (${passed})`] : []),
    ...(refused > 0 ? [refusedTitle] : []),
    ...noPlace,
    ...pending.map((reason) => `${notRun}${reason}`),
  ];
  return parts.join('; ');
}
