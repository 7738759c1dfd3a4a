import type { Output, Resource } from '@pulumi/pulumi';
import type { KubernetesTarget } from '../components/core/kubernetes-target';
import { Network } from '../components/network';
import { type NetworkZone, type Places, placeIn } from '../components/network/network-args';
import { Platform } from '../components/platform';
import type { LakeConfig } from './config';
import { ownResolver, siteNamesOf } from './network-settings';
import { platformPartsOf } from './platform-settings';
import { runsSpark } from './spark-settings';
import { researches } from './warehouse-settings';
import { zoneQuotas } from './zone-quotas';

const zones = ['lake', 'identity', 'keys', 'stores'] as const satisfies readonly NetworkZone[];

/** The networks of a stack, and the target as their pods see it: with the resolver they ask. */
export interface LakeNetwork {
  readonly places: Places;
  readonly place: (zone: NetworkZone) => Output<string>;
  readonly target: KubernetesTarget;
}

/** The networks of a stack, after the operators they need. */
export function networkOf(config: LakeConfig, target: KubernetesTarget): LakeNetwork {
  const args = { target, prefix: config.name, quotas: zoneQuotas(config) };
  const options = { dependsOn: platformOf(config, target) };
  const wanted: readonly NetworkZone[] = [
    ...zones,
    ...(researches(config) ? (['tre'] as const) : []),
    ...(config.logCollector === 'vector' ? (['logs'] as const) : []),
    ...(runsSpark(config) ? (['spark'] as const) : []),
  ];
  const own = ownResolver(config);
  const { places, resolver } = new Network(
    'network',
    {
      ...args,
      zones: own ? [...wanted, 'names'] : wanted,
      ...(own ? { resolver: { siteNames: siteNamesOf(config) } } : {}),
    },
    options,
  ).built;
  return {
    places,
    place: (zone) => placeIn(places, zone),
    target: { ...target, ...(resolver === undefined ? {} : { resolver }) },
  };
}

/** Everything of the lake waits for the operators through its networks. */
function platformOf(config: LakeConfig, target: KubernetesTarget): Resource[] {
  // Spark's comes after the networks: it is told where jobs run.
  const parts = platformPartsOf(config).filter((part) => part !== 'sparkOperator');
  if (parts.length === 0) return [];
  const { platformMirror: mirror, imageRegistry, domain, events } = config;
  return [
    new Platform('platform', {
      target,
      parts,
      domain,
      eventing: events === 'broker',
      ...(mirror === undefined ? {} : { mirror }),
      ...(imageRegistry === undefined ? {} : { imageRegistry }),
    }),
  ];
}

/** The groups of people, by role. */
export const peopleOf = ({ platformEngineers, auditors, researchers }: LakeConfig) => ({
  ...(platformEngineers === undefined ? {} : { platformEngineers }),
  ...(auditors === undefined ? {} : { auditors }),
  ...(researchers === undefined ? {} : { researchers }),
});
