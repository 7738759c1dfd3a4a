import type { Output } from '@pulumi/pulumi';
import { Catalogue } from '../components/catalogue';
import { awsDatabaseName, awsPlacesRole } from '../components/catalogue/aws';
import type { AwsForeignData } from '../components/catalogue/aws-foreign';
import type { AwsCatalogueReader } from '../components/catalogue/aws-users';
import type { AwsCatalogueHome, AwsHomes } from '../components/core/aws-homes';
import { type AwsTarget, awsArn, awsRoleArn } from '../components/core/aws-target';
import { Curation } from '../components/curation';
import type { StoreUsers } from '../components/key-ring/aws-key-policy';
import type { ServiceKeyName } from '../components/key-ring/aws-key-specs';
import type { AwsNetworkResult } from '../components/network/aws';
import { Tre } from '../components/tre';
import { awsReaderRole } from '../components/tre/aws';
import { Warehouse } from '../components/warehouse';
import { awsWarehouseRole } from '../components/warehouse/aws';
import type { Manifest, Zone } from '../functions/manifest';
import { sparkManifest } from '../functions/spark/manifest';
import { curatedColumns } from '../functions/tables/curated-columns';
import type { AwsConfig } from './aws-settings';

/** What builds and reads tables, over what the lake has. */
export interface ServingParts {
  readonly target: AwsTarget;
  readonly stores: AwsHomes['stores'];
  readonly network: AwsNetworkResult;
  readonly keys: Readonly<Record<ServiceKeyName, Output<string>>>;
  readonly logRetentionDays: number;
  readonly topicArn: Output<string>;
  readonly functions: readonly { readonly manifest: Manifest; readonly roleArn: Output<string> }[];
  /** The marts' access point in the research network. */
  readonly martsPointArn: string;
}

const runsSpark = ({ sparkJobs, sparkArtefacts }: AwsConfig): boolean =>
  sparkJobs.length > 0 && sparkArtefacts !== undefined;
const hasWarehouse = ({ warehouse }: AwsConfig): boolean => warehouse === 'redshift';

/** Roles of projects, which read the marts through the access point alone. */
export const researchRoles = (target: AwsTarget, { projects }: AwsConfig): readonly string[] =>
  projects.map(({ name }) => awsRoleArn(target, awsReaderRole(name)));

/** Lake Formation lends it to whoever it lets to a table. A name that nobody bears would be let in for whoever makes such a role. */
const placesRole = (target: AwsTarget, { catalogue }: AwsConfig): readonly string[] =>
  catalogue === 'glue' ? [awsRoleArn(target, awsPlacesRole)] : [];

/** What is no function of ours and has a manifest, for the policies of buckets and keys. */
export const servingManifests = (config: AwsConfig): readonly Manifest[] => (runsSpark(config) ? [sparkManifest] : []);

/** Roles without one that come to a zone's bucket, for the same policies. */
export function servingUsers(target: AwsTarget, config: AwsConfig): Readonly<Partial<Record<Zone, StoreUsers>>> {
  const warehouse = hasWarehouse(config) ? [awsRoleArn(target, awsWarehouseRole)] : [];
  return {
    curated: { readers: placesRole(target, config), writers: [] },
    marts: { readers: [...placesRole(target, config), ...warehouse, ...researchRoles(target, config)], writers: [] },
  };
}

/** Both lists of each zone, one after the other. */
export function usersOf(
  ...all: readonly Readonly<Partial<Record<Zone, StoreUsers>>>[]
): Readonly<Partial<Record<Zone, StoreUsers>>> {
  const zones = new Set(all.flatMap((one) => Object.keys(one) as Zone[]));
  const joined = (zone: Zone, kind: keyof StoreUsers) => all.flatMap((one) => one[zone]?.[kind] ?? []);
  return Object.fromEntries(
    [...zones].map((zone) => [zone, { readers: joined(zone, 'readers'), writers: joined(zone, 'writers') }]),
  );
}

/** Of these, who reads from a network of AWS's own: Lake Formation, Redshift Spectrum. */
export const servingOutside = (target: AwsTarget, config: AwsConfig): readonly string[] => [
  ...placesRole(target, config),
  ...(hasWarehouse(config) ? [awsRoleArn(target, awsWarehouseRole)] : []),
];

/** Buckets of the account that jobs and crawlers read beside the lake's. */
export const servingBuckets = (target: AwsTarget, config: AwsConfig): readonly string[] =>
  [config.sparkArtefacts, config.foreignData?.bucket].flatMap((bucket) =>
    bucket === undefined ? [] : [awsArn(target, 's3', bucket)],
  );

/** Where the functions find and publish tables, if it is not the state database. */
export const catalogueHome = (
  target: AwsTarget,
  { catalogue }: AwsConfig,
  keyArn: Output<string>,
): { readonly catalogue?: AwsCatalogueHome } =>
  catalogue === 'glue'
    ? {
        catalogue: {
          databases: { curated: awsDatabaseName(target, 'curated'), marts: awsDatabaseName(target, 'marts') },
          keyArn,
        },
      }
    : {};

/** Functions that look tables up, and those that publish them. */
const catalogueUsers = (functions: ServingParts['functions']) =>
  functions.flatMap(({ manifest: { name, uses }, roleArn }) => {
    const operations = Object.values(uses).flatMap((use) => (use.port === 'catalogue' ? [...use.operations] : []));
    return operations.length === 0 ? [] : [{ name, roleArn, publishes: operations.includes('publish') }];
  });

export function deployServing(config: AwsConfig, parts: ServingParts): void {
  const { target, stores, network, keys, logRetentionDays, topicArn } = parts;
  const database = (zone: 'curated' | 'marts'): string => awsDatabaseName(target, zone);
  const readers: AwsCatalogueReader[] = [];
  const { sparkArtefacts: bucket, sparkArtefactsKey: keyArn } = config;
  if (runsSpark(config) && bucket !== undefined && keyArn !== undefined) {
    const { built } = new Curation('curation', {
      target,
      jobs: config.sparkJobs,
      schedule: 'cron(30 1 * * ? *)',
      stores,
      artefacts: { bucket, keyArn },
      jars: config.sparkJars,
      tables: { databases: [database('curated'), database('marts')], keyArn: keys.catalogue },
      subnetIds: network.lake.subnetIds.lake,
      securityGroupIds: [network.lake.groups.curation],
      capacity: {
        processors: config.sparkProcessors,
        memoryGigabytes: 4 * config.sparkProcessors,
        diskGigabytes: 20 * config.sparkProcessors,
      },
      keyArn: keys.curation,
      logKeyArn: keys.logs,
      logRetentionDays,
      failures: { topicArn, keyArn: keys.events },
    });
    readers.push({ name: 'spark', roleArn: built.jobRoleArn, zones: ['curated', 'marts'], reads: false });
  }
  if (hasWarehouse(config)) {
    const { built } = new Warehouse('warehouse', {
      target,
      marts: stores.marts,
      database: database('marts'),
      catalogueKeyArn: keys.catalogue,
      subnetIds: network.tre.subnetIds.warehouse,
      securityGroupIds: [network.tre.groups.warehouse],
      keyArn: keys.warehouse,
      logKeyArn: keys.logs,
      logRetentionDays,
      baseUnits: 8,
      mostUnits: config.warehouseUnits,
      unitHoursOfMonth: config.warehouseHours,
      topicArn,
      readers: config.warehouseReaders,
      ...(config.federation === undefined ? {} : { federation: { ...config.federation, port: 5432 } }),
    });
    readers.push({ name: 'warehouse', roleArn: built.roleArn, zones: ['marts'], reads: true });
  }
  const { reports } = network.tre.groups;
  if (config.projects.length > 0) {
    const { built } = new Tre('tre', {
      target,
      projects: config.projects,
      accessPointArn: parts.martsPointArn,
      marts: stores.marts,
      tables: { databases: [database('marts')], keyArn: keys.catalogue },
      subnetIds: network.tre.subnetIds.workspaces,
      workspaceGroupId: network.tre.groups.workspaces,
      keyArn: keys.warehouse,
      ...(reports === undefined ? {} : { businessIntelligence: { securityGroupId: reports } }),
    });
    // They read through the access point; Lake Formation shows them what there is.
    for (const [project, roleArn] of Object.entries(built.readers))
      readers.push({ name: awsReaderRole(project), roleArn, zones: ['marts'], reads: false });
  }
  if (config.catalogue === 'glue')
    new Catalogue('catalogue', {
      target,
      stores,
      tables: config.catalogueTypes.map((type) => ({
        zone: 'curated' as const,
        name: type.toLowerCase(),
        columns: curatedColumns,
      })),
      // Nobody reads a table through the catalogue unless a grant names them.
      grants: config.columnGrants,
      users: catalogueUsers(parts.functions),
      readers,
      keyArn: keys.catalogue,
      logKeyArn: keys.logs,
      changeTopicArn: topicArn,
      accountSettings: config.accountBlocks === 'own',
      ...foreignOf(config, network),
    });
}

/** The crawler reads by the lake's own way to S3. */
function foreignOf(
  { foreignData, zones }: AwsConfig,
  { lake }: AwsNetworkResult,
): { readonly foreign?: AwsForeignData } {
  const [subnetId] = lake.subnetIds.lake;
  const [availabilityZone] = zones;
  const { crawler } = lake.groups;
  if (foreignData === undefined || subnetId === undefined || availabilityZone === undefined || crawler === undefined)
    return {};
  const { bucket, keyArn, ...rest } = foreignData;
  const securityGroupIds = [crawler];
  return { foreign: { ...rest, store: { bucket, keyArn }, subnetId, availabilityZone, securityGroupIds } };
}
