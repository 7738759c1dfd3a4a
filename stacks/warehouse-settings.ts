import { choice, listOf, matching, optional, type Settings, wholeNumber } from './config-schema';
import { cidr, hostName, inNamespace } from './site-places';

const project = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** SQL for people, and the research environment. */
export const warehouseSettings = {
  warehouse: choice(
    ['none', 'trino', 'existing'],
    "SQL over curated tables and marts, with a catalogue beside it. existing is the site's own engine: it finds tables in `metastoreHost`, and the site lets it read the buckets of curated tables and marts.",
    'none',
  ),
  metastoreHost: optional(
    matching(hostName, 'a host name', "The site's own Hive metastore; the stack brings one when absent."),
  ),
  metastorePort: wholeNumber(1, 65_535, 'Its port (Thrift).', 9083),
  metastoreCidrs: listOf(cidr, 'a CIDR range of /8 or longer', 'Where it is, for the network policies.', []),
  warehouseUsers: optional(
    matching(
      inNamespace,
      'NAMESPACE/NAME',
      "A Secret with `password.db` (lines USER:HASH, bcrypt or PBKDF2) and `group.db` (lines GROUP:USER,USER; the group `curated` reads curated tables): the warehouse's users.",
    ),
  ),
  certificateIssuer: optional(
    matching(
      /^[a-z0-9.-]{1,253}$/,
      'the name of a ClusterIssuer',
      'Whose certificates the gateways and the warehouse show.',
    ),
  ),
  peopleGateway: optional(
    matching(
      /^[a-z0-9-]{1,63}$/,
      'a namespace',
      "The site's gateway with its sign-in: its pods bring people to the warehouse and the workspaces.",
    ),
  ),
  workspaces: listOf(
    project,
    'the name of a project',
    'Research projects; each gets a workspace in the research environment, which brings a warehouse of the marts alone.',
    [],
  ),
  workspaceMebibytes: wholeNumber(512, 262_144, 'Memory of a workspace.', 1024),
} as const;

type WarehouseSettings = Settings<typeof warehouseSettings> & {
  readonly images: Readonly<Partial<Record<'workspace' | 'hiveMetastore', string>>>;
  readonly objectStore: 'existing' | 'versitygw';
};

export const researches = ({ workspaces }: Pick<WarehouseSettings, 'workspaces'>): boolean => workspaces.length > 0;

/** What these settings need of each other. */
export function checkWarehouse(config: WarehouseSettings): readonly string[] {
  const missing = (key: keyof WarehouseSettings, because: string): readonly string[] =>
    config[key] === undefined || (Array.isArray(config[key]) && config[key].length === 0)
      ? [`${key}: missing; it is needed because ${because}; allowed: ${warehouseSettings[key as 'warehouse'].allowed}`]
      : [];
  const image = (key: 'workspace' | 'hiveMetastore', because: string): readonly string[] =>
    config.images[key] === undefined ? [`images: no key ${key}; ${because}`] : [];
  const driver = 'the official image has no driver of PostgreSQL; allowed: the full reference of one that has';
  return [
    ...(config.warehouse === 'trino'
      ? [
          ...missing('warehouseUsers', 'warehouse is trino'),
          ...missing('certificateIssuer', 'warehouse is trino'),
          ...(config.metastoreHost === undefined ? image('hiveMetastore', driver) : []),
        ]
      : []),
    ...(config.warehouse === 'existing' ? missing('metastoreHost', 'warehouse is existing') : []),
    ...(config.warehouse === 'existing' && config.objectStore !== 'existing'
      ? [`objectStore: ${JSON.stringify(config.objectStore)}; allowed where warehouse is existing: existing`]
      : []),
    ...(config.metastoreHost === undefined ? [] : missing('metastoreCidrs', 'metastoreHost is set')),
    ...(config.metastoreHost !== undefined && config.warehouse === 'none'
      ? ['warehouse: "none"; allowed where metastoreHost is set: trino, existing']
      : []),
    ...(researches(config)
      ? [
          ...(config.warehouse === 'trino'
            ? []
            : [
                `warehouse: ${JSON.stringify(config.warehouse)}; allowed with workspaces: trino, whose catalogue they share`,
              ]),
          ...missing('peopleGateway', 'there are workspaces'),
          ...image('workspace', "allowed: the full reference of your researchers' image"),
        ]
      : []),
    ...(new Set(config.workspaces).size < config.workspaces.length
      ? ['workspaces: a name twice; allowed: each once']
      : []),
  ];
}
