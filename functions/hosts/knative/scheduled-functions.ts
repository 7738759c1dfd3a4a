import type { FunctionParts } from '../function-parts';
import { type ScheduledWork, scheduledRun } from './scheduled-run';

type Work = (parts: FunctionParts) => ScheduledWork;

/** What lives for one tick of its schedule only, by the name of the manifest; the platform keeps the schedule. */
const works: Readonly<Record<string, Work>> = {
  compaction: (parts) => {
    const { compactionWork } =
      require('../compose/compaction-function') as typeof import('../compose/compaction-function');
    return compactionWork(parts);
  },
  'landing-collector': (parts) => {
    const { landingCollectorWork } =
      require('../compose/collector-functions') as typeof import('../compose/collector-functions');
    return landingCollectorWork(parts);
  },
  'identity-collector': (parts) => {
    const { identityCollectorWork } =
      require('../compose/collector-functions') as typeof import('../compose/collector-functions');
    return identityCollectorWork(parts);
  },
};

/** One tick of a function; undefined for one that does not live by a schedule. */
export function scheduledFunction(
  name: string,
): ((parts: FunctionParts, onFailure: (error: unknown) => void) => Promise<void>) | undefined {
  const work = works[name];
  return work === undefined ? undefined : (parts, onFailure) => scheduledRun(work(parts), onFailure);
}
