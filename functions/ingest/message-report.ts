import type { SplitReport } from '../privacy/split';
import type { ReportLine } from '../privacy/split-state';

/** What became of one message: which elements were dropped, tokenised or generalised, how often and why. It holds no value. */
export interface MessageReport {
  /** Resources that were split. */
  readonly resources: number;
  /** Resources labelled R or V: the whereabouts of nobody in the message were kept. */
  readonly restricted: number;
  readonly lines: readonly (ReportLine & { readonly count: number })[];
}

/** One report for all resources of a message. */
export function messageReport(reports: readonly SplitReport[]): MessageReport {
  const counts = new Map<string, ReportLine & { count: number }>();
  for (const { lines } of reports) {
    for (const { path, action, reason, count } of lines) {
      const name = `${path} ${reason}`;
      const line = counts.get(name);
      if (line === undefined) counts.set(name, { path, action, reason, count });
      else line.count += count;
    }
  }
  return {
    resources: reports.length,
    restricted: reports.filter(({ restricted }) => restricted).length,
    lines: [...counts.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  };
}
