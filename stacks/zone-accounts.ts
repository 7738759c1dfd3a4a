import { executorAccount } from '../components/curation/kubernetes';
import type { NetworkZone } from '../components/network/network-args';
import { sparkManifest } from '../functions/spark/manifest';
import type { LakeConfig } from './config';
import type { DeployedFunction } from './deployed-functions';
import { runsSpark } from './spark-settings';
import type { companionsOf } from './warehouse';
import { researches } from './warehouse-settings';

/** Of the job that sets the lake up. */
export const preparingAccount = 'preparation';

/** The service accounts that may run something in each zone. */
export const accountsOf = (
  functions: readonly DeployedFunction[],
  everyCompanion: ReturnType<typeof companionsOf>,
  config: LakeConfig,
): Readonly<Record<NetworkZone, readonly string[]>> => {
  const companions = (place: NetworkZone) =>
    everyCompanion.filter(({ zone }) => zone === place).map(({ manifest }) => manifest.name);
  const of = (place: NetworkZone) =>
    functions.filter(({ zone }) => zone === place).map(({ manifest }) => manifest.name);
  return {
    lake: [...of('lake'), ...companions('lake')],
    identity: of('identity'),
    names: ['resolver'],
    logs: companions('logs'),
    keys: ['openbao'],
    stores: [
      preparingAccount,
      'object-store',
      'state-database',
      ...companions('stores'),
      ...(config.warehouse === 'trino' && config.metastoreHost === undefined ? ['hive-metastore'] : []),
    ],
    spark: runsSpark(config) ? [...companions('spark'), executorAccount(sparkManifest)] : [],
    tre: [...companions('tre'), ...(researches(config) ? ['workspace'] : [])],
  };
};
