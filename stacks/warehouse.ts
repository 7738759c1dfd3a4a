import type { Output } from '@pulumi/pulumi';
import { Catalogue } from '../components/catalogue';
import type { CatalogueHome, ExistingMetastore } from '../components/catalogue/catalogue-args';
import type { DerivedSecrets } from '../components/core/derived-secrets';
import type { KubernetesTarget } from '../components/core/kubernetes-target';
import { gibibytes, mebibytes, millicores } from '../components/core/units';
import type { ObjectStoreHome, StateHome } from '../components/function/function-args';
import type { StoreLogin } from '../components/object-store/object-store-args';
import { Tre } from '../components/tre';
import { Warehouse } from '../components/warehouse';
import { passwordFile } from '../components/warehouse/password-file';
import { backupManifest } from '../functions/backup/manifest';
import { logCollectorManifest } from '../functions/log-collector/manifest';
import type { Manifest } from '../functions/manifest';
import { sparkManifest } from '../functions/spark/manifest';
import { researchWarehouseManifest, warehouseManifest } from '../functions/warehouse/manifest';
import type { LakeConfig } from './config';
import { runsSpark } from './spark-settings';
import { researches } from './warehouse-settings';

/** The users of the lake's warehouse, as the site keeps them. */
export interface WarehouseUsers {
  readonly passwords: Output<string>;
  readonly groups: Output<string>;
}

/** What uses the object store beside the functions, and where it runs. */
export const companionsOf = (
  config: LakeConfig,
): readonly { readonly manifest: Manifest; readonly zone: 'lake' | 'tre' | 'logs' | 'stores' | 'spark' }[] => [
  ...(config.backupEndpoint === undefined ? [] : [{ manifest: backupManifest, zone: 'stores' as const }]),
  ...(config.logCollector === 'vector' ? [{ manifest: logCollectorManifest, zone: 'logs' as const }] : []),
  ...(runsSpark(config) ? [{ manifest: sparkManifest, zone: 'spark' as const }] : []),
  ...(config.warehouse === 'trino' ? [{ manifest: warehouseManifest, zone: 'lake' as const }] : []),
  ...(researches(config) ? [{ manifest: researchWarehouseManifest, zone: 'tre' as const }] : []),
];

interface WarehouseParts {
  readonly target: KubernetesTarget;
  readonly places: Readonly<Record<'lake' | 'stores', Output<string>>> & { readonly tre: Output<string> | undefined };
  readonly homes: { readonly objectStore: ObjectStoreHome; readonly state: StateHome };
  readonly administrator: { readonly user: string; readonly password: Output<string> };
  readonly logins: Readonly<Record<string, StoreLogin>>;
  readonly secrets: DerivedSecrets;
  readonly users: WarehouseUsers | undefined;
  /** The site's own. */
  readonly metastore: ExistingMetastore | undefined;
}

const loginOf = (logins: WarehouseParts['logins'], { name }: Manifest): StoreLogin => {
  const login = logins[name];
  if (login === undefined) throw new RangeError(`${name}: no login of the object store was given.`);
  return login;
};

/** Catalogue, warehouse and research environment, where the configuration asks for them; gives the catalogue. */
export function deployWarehouse(config: LakeConfig, parts: WarehouseParts): CatalogueHome | undefined {
  const { target, places, homes, secrets, users, logins } = parts;
  const issuer = config.certificateIssuer;
  if (config.warehouse === 'none') return undefined;
  const { tre } = places;
  const catalogue = new Catalogue('catalogue', {
    target,
    users: { lake: places.lake, ...(tre === undefined ? {} : { tre }) },
    metastore: parts.metastore ?? {
      kind: 'own',
      prefix: config.name,
      place: places.stores,
      state: homes.state,
      administrator: parts.administrator,
      password: secrets.text('state database metastore'),
      objectStore: homes.objectStore,
      login: loginOf(logins, warehouseManifest),
    },
  });
  if (config.warehouse === 'existing' || users === undefined || issuer === undefined) return catalogue.built.home;
  const common = { target, catalogue: catalogue.built.home, objectStore: homes.objectStore, issuer };
  new Warehouse('warehouse', {
    ...common,
    manifest: warehouseManifest,
    place: places.lake,
    users: {},
    ...(config.peopleGateway === undefined ? {} : { gateway: config.peopleGateway }),
    login: loginOf(logins, warehouseManifest),
    passwords: users.passwords,
    groups: users.groups,
    internalSecret: secrets.text('warehouse internal'),
  });
  if (tre === undefined || config.peopleGateway === undefined) return catalogue.built.home;
  const workspaces = config.workspaces.map((project) => ({
    project,
    warehousePassword: secrets.text(`research warehouse ${project}`),
    token: secrets.text(`workspace ${project}`),
  }));
  const research = new Warehouse('research-warehouse', {
    ...common,
    manifest: researchWarehouseManifest,
    place: tre,
    users: { tre },
    login: loginOf(logins, researchWarehouseManifest),
    passwords: passwordFile(
      workspaces.map(({ project, warehousePassword }) => ({ user: project, password: warehousePassword })),
    ),
    groups: '',
    internalSecret: secrets.text('research warehouse internal'),
  });
  new Tre(
    'tre',
    {
      target,
      place: tre,
      workspaces,
      warehouse: research.built.home,
      gateway: config.peopleGateway,
      memory: mebibytes(config.workspaceMebibytes),
      cpu: millicores(500),
      volume: gibibytes(config.volumeGibibytes),
    },
    { dependsOn: [research] },
  );
  return catalogue.built.home;
}
