import { queueSize, type Size } from '../components/core/kubernetes-pods';
import { gibibytes, mebibytes, millicores } from '../components/core/units';
import type { NetworkZone, ZoneQuota } from '../components/network/network-args';
import type { LakeConfig } from './config';
import { type DeployedFunction, deployedFunctions } from './deployed-functions';
import { sparkQuota } from './spark';

const server = (memory: number, cpu: number, pods: number): ZoneQuota => ({
  memory: gibibytes(memory),
  cpu: millicores(cpu * 1000),
  pods,
});

/** What stands beside the functions of their zones: the warehouse's engine, and jobs that people start by hand. */
const besideFunctions = server(6, 4, 10);

/** What each zone may ask for at most. */
export const zoneQuotas = (config: LakeConfig): Readonly<Record<NetworkZone, ZoneQuota>> => ({
  lake: functionsQuota(config, 'lake'),
  identity: functionsQuota(config, 'identity'),
  keys: server(1, 1, 4),
  stores: server(8, 8, 20),
  tre: server(8, 8, 20),
  names: server(1, 1, 6),
  // A pod for each node.
  logs: server(16, 8, 100),
  spark: sparkQuota(config),
});

/**
 * Room for every pod of a zone's functions at once. A pod that its quota has no room for is not made until another sleeps, and
 * whoever asked its function waits meanwhile.
 */
function functionsQuota(config: LakeConfig, zone: DeployedFunction['zone']): ZoneQuota {
  const functions = deployedFunctions(config).filter((one) => one.zone === zone);
  const sum = (quantity: (size: Size) => number): number =>
    functions.reduce((total, { size, scaling }) => {
      if (scaling.kind !== 'requests') return total + quantity(size);
      // A new image changes all functions at once, and a revision before stays until the new one is ready.
      return total + 2 * scaling.most * (quantity(size) + quantity(queueSize));
    }, 0);
  const { memory, cpu, pods } = besideFunctions;
  return {
    memory: mebibytes(memory + sum((size) => size.memory)),
    memoryLimit: mebibytes(2 * memory + sum((size) => size.memoryLimit ?? size.memory)),
    cpu: millicores(cpu + sum((size) => size.cpu)),
    pods:
      pods + functions.reduce((total, { scaling }) => total + (scaling.kind === 'requests' ? 2 * scaling.most : 1), 0),
  };
}
