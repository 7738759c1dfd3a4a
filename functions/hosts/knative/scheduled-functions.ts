import { systemClock } from '../../../adapters/ports/clock';
import type { FunctionParts } from '../function-parts';
import { scheduledRun } from './scheduled-run';

type Tick = (parts: FunctionParts, onFailure: (error: unknown) => void) => Promise<void>;

/** What lives for one tick of its schedule only, by the name of the manifest; the platform keeps the schedule. */
export const scheduledFunctions: Readonly<Record<string, Tick>> = {
  compaction: (parts, onFailure) => {
    const { compactionFunction } =
      require('../compose/compaction-function') as typeof import('../compose/compaction-function');
    const { compactionManifest } = require('../../compaction/manifest') as typeof import('../../compaction/manifest');
    const { tablesTurn } = require('../../tables/table-turn') as typeof import('../../tables/table-turn');
    const { queue } = parts.ports(compactionManifest);
    const handler = () => compactionFunction(parts);
    return scheduledRun({ queue, job: 'compaction', handler, onFailure, turn: tablesTurn });
  },
  'landing-collector': (parts, onFailure) => {
    const { landingCollectorManifest: manifest } =
      require('../../orphans/manifest') as typeof import('../../orphans/manifest');
    return collecting(parts, parts.ports(manifest).queue, 'landing', onFailure);
  },
  'identity-collector': (parts, onFailure) => {
    const { identityCollectorManifest: manifest } =
      require('../../orphans/manifest') as typeof import('../../orphans/manifest');
    return collecting(parts, parts.ports(manifest).queue, 'identity', onFailure);
  },
};

function collecting(
  parts: FunctionParts,
  queue: Parameters<typeof scheduledRun>[0]['queue'],
  zone: 'landing' | 'identity',
  onFailure: (error: unknown) => void,
): Promise<void> {
  const { collect } = require('../../orphans/collect-orphans') as typeof import('../../orphans/collect-orphans');
  const { landingCollector, identityCollector } =
    require('../compose/collector-functions') as typeof import('../compose/collector-functions');
  const services = zone === 'landing' ? landingCollector(parts) : identityCollector(parts);
  const handler = () => collect(services, systemClock.now());
  return scheduledRun({ queue, job: `${zone}-collector`, handler, onFailure });
}
