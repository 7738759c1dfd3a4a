import type { Input } from '@pulumi/pulumi';
import type { KeyName, Zone } from '../../functions/manifest';
import type { DatabaseName } from '../../functions/state-store';

/** The bucket of a zone, and the key it is encrypted with at rest. */
export interface AwsStoreHome {
  readonly bucket: string;
  readonly keyArn: Input<string>;
  /** Senders put here by a URL that a function signed. */
  readonly signedUploads?: boolean;
}

/** A database, and the cluster it is in. */
export interface AwsStateHome {
  readonly host: Input<string>;
  readonly port: number;
  readonly database: string;
  /** As `rds-db:connect` names a cluster: `cluster-ABCDEFGHIJKL`. */
  readonly resourceId: Input<string>;
  /** The secret with the login of its first user, which RDS makes, keeps and rotates. */
  readonly secretArn: Input<string>;
  /** The key of that secret. */
  readonly secretKeyArn: Input<string>;
}

/** A topic, and the key it is encrypted with. */
export interface AwsTopicHome {
  readonly topicArn: Input<string>;
  readonly keyArn: Input<string>;
}

/** The databases of the Glue Data Catalog, and the key that its data is encrypted with. */
export interface AwsCatalogueHome {
  readonly databases: Readonly<Record<'curated' | 'marts', string>>;
  readonly keyArn: Input<string>;
}

/** Everything the binding and the grants of a function on AWS can lead to. */
export interface AwsHomes {
  readonly stores: Readonly<Record<Zone, AwsStoreHome>>;
  /** ARNs of the versions of each key, the newest last. */
  readonly keys: Readonly<Record<KeyName, readonly Input<string>[]>>;
  readonly state: Readonly<Record<DatabaseName, AwsStateHome>>;
  readonly topics: Readonly<Record<string, AwsTopicHome>>;
  /** Without one the catalogue is in the state database. */
  readonly catalogue?: AwsCatalogueHome;
}
