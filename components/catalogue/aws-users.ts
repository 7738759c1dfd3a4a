import type { CatalogDatabase } from '@pulumi/aws/glue';
import { Permissions, type Resource as RegisteredPlace } from '@pulumi/aws/lakeformation';
import type { Input, Resource } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';

/** A function that looks tables up in the catalogue, or publishes them there. */
export interface AwsCatalogueUser {
  readonly name: string;
  readonly roleArn: Input<string>;
  readonly publishes: boolean;
}

/** What reads marts and curated tables beside the functions: a job, the warehouse, a project. */
export interface AwsCatalogueReader {
  readonly name: string;
  readonly roleArn: Input<string>;
  readonly zones: readonly string[];
  /** Whether Lake Formation lends it the data of every table; else it only sees what there is. */
  readonly reads: boolean;
}

interface Place {
  readonly zone: string;
  readonly database: CatalogDatabase;
  readonly place: RegisteredPlace;
}

/**
 * Where Lake Formation decides, a grant of IAM is not enough: a function that publishes may make tables in each database, over its
 * place in the store, and change those there are; one that only looks may see that they are there. None may read through it.
 */
export function addUsers(
  parts: AwsParts,
  users: readonly AwsCatalogueUser[],
  places: readonly Place[],
  settings: readonly Resource[],
): void {
  for (const { name, roleArn: principal, publishes } of users)
    for (const { zone, database, place } of places) {
      const role = `${name}-${zone}`;
      parts.add(Permissions, `${role}-tables`, {
        principal,
        permissions: publishes ? ['ALTER', 'DESCRIBE'] : ['DESCRIBE'],
        table: { databaseName: database.name, wildcard: true },
      });
      if (!publishes) continue;
      parts.add(Permissions, `${role}-database`, {
        principal,
        permissions: ['CREATE_TABLE', 'DESCRIBE'],
        database: { name: database.name },
      });
      parts.add(
        Permissions,
        `${role}-place`,
        { principal, permissions: ['DATA_LOCATION_ACCESS'], dataLocation: { arn: place.arn } },
        // Who grants has to be an administrator of Lake Formation by then.
        { dependsOn: [...settings] },
      );
    }
}

/** Of engines, each with its zones. */
export function addReaders(parts: AwsParts, readers: readonly AwsCatalogueReader[], places: readonly Place[]): void {
  for (const { name, roleArn: principal, zones, reads } of readers)
    for (const { zone, database } of places.filter((one) => zones.includes(one.zone))) {
      parts.add(Permissions, `${name}-${zone}-database`, {
        principal,
        permissions: ['DESCRIBE'],
        database: { name: database.name },
      });
      parts.add(Permissions, `${name}-${zone}-tables`, {
        principal,
        permissions: reads ? ['DESCRIBE', 'SELECT'] : ['DESCRIBE'],
        table: { databaseName: database.name, wildcard: true },
      });
    }
}
