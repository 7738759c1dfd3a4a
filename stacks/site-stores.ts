import type { Output } from '@pulumi/pulumi';
import type { DerivedSecrets } from '../components/core/derived-secrets';
import { nameOf } from '../components/core/naming';
import { gibibytes } from '../components/core/units';
import type { FunctionCredentials } from '../components/function/function-args';
import type { NetworkZone, Places } from '../components/network/network-args';
import { ObjectStore } from '../components/object-store';
import type { ObjectStoreArgs } from '../components/object-store/object-store-args';
import { StateDatabase } from '../components/state-database';
import type { LakeConfig } from './config';
import type { LakeNetwork } from './networks';
import type { SiteParts } from './site-parts';

/** One login for each function and server; an existing object store gives its own. */
export function credentialsOf(
  name: string,
  secrets: DerivedSecrets,
  { objectStore }: SiteParts,
): Required<FunctionCredentials> {
  const login = objectStore?.loginOf(name) ?? {
    accessKeyId: nameOf('label', 'fn', name),
    secretAccessKey: secrets.text(`object store ${name}`),
  };
  return { ...login, statePassword: secrets.text(`state database ${name}`) };
}

/** Objects and state of a lake: the site's own servers where it has them, else what the stack brings. */
export function storesOf(
  config: LakeConfig,
  site: SiteParts,
  network: LakeNetwork,
  users: Readonly<Record<string, Output<string>>>,
  secrets: DerivedSecrets,
  opened: Pick<ObjectStoreArgs, 'manifests' | 'logins'>,
) {
  const { target } = network;
  const place = network.place('stores');
  const volume = gibibytes(config.volumeGibibytes);
  const storeAdministrator = {
    accessKeyId: 'administrator',
    secretAccessKey: secrets.text('object store administrator'),
  };
  const objectStore = new ObjectStore('object-store', {
    target,
    prefix: config.name,
    place,
    // The research environment reads the marts' bucket, the collector writes audit's, jobs read curated: by logins that open no other.
    users: { ...users, ...pick(network.places, 'tre', 'logs', 'spark') },
    ...opened,
    administrator: storeAdministrator,
    volume,
    ...(config.auditLockDays === 0 ? {} : { auditLockDays: config.auditLockDays }),
    ...(site.objectStore === undefined ? {} : { existing: site.objectStore.existing }),
  });
  const administrator = site.stateAdministrator ?? {
    user: 'postgres',
    password: secrets.text('state database administrator'),
  };
  const stateDatabase = new StateDatabase('state-database', {
    target,
    prefix: config.name,
    place,
    users,
    server: site.stateServer,
    ...(site.archive === undefined ? {} : { archive: site.archive }),
    administrator,
    volume,
  });
  return {
    objectStore,
    stateDatabase,
    administrator,
    homes: { objectStore: objectStore.built.home, state: stateDatabase.built.home },
    storeAdministrator: site.objectStore === undefined ? storeAdministrator : undefined,
  };
}

const pick = (places: Places, ...zones: readonly NetworkZone[]): Readonly<Record<string, Output<string>>> =>
  Object.fromEntries(
    zones.flatMap((zone) => {
      const place = places[zone];
      return place === undefined ? [] : [[zone, place]];
    }),
  );
