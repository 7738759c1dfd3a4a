import type { CatalogDatabase } from '@pulumi/aws/glue';
import { Permissions, type Resource as RegisteredPlace } from '@pulumi/aws/lakeformation';
import type { Input } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';

/** A function that looks tables up in the catalogue, or publishes them there. */
export interface AwsCatalogueUser {
  readonly name: string;
  readonly roleArn: Input<string>;
  readonly publishes: boolean;
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
export function addUsers(parts: AwsParts, users: readonly AwsCatalogueUser[], places: readonly Place[]): void {
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
      parts.add(Permissions, `${role}-place`, {
        principal,
        permissions: ['DATA_LOCATION_ACCESS'],
        dataLocation: { arn: place.arn },
      });
    }
}
