import type { Input } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Reach } from '../core/kubernetes-reach';
import type { Mebibytes } from '../core/units';
import type { FunctionCredentials, ObjectStoreHome } from '../function/function-args';

/** A login of the object store. */
export type StoreLogin = Required<Pick<FunctionCredentials, 'accessKeyId' | 'secretAccessKey'>>;

/** An S3 endpoint the site already runs; it keeps the bucket policies, which the stack exports. */
export interface ExistingObjectStore {
  readonly endpoint: Input<string>;
  readonly region: string;
  /** Path style for endpoints without a wildcard name. @default true */
  readonly forcePathStyle?: boolean;
  /** Where the endpoint is, for the network's rules. */
  readonly reach: Reach;
}

export interface ObjectStoreArgs extends KubernetesComponentArgs {
  /** Begins the name of every bucket. */
  readonly prefix: string;
  readonly place: Input<string>;
  /** Namespaces, by zone, whose permitted pods reach the store. */
  readonly users: Readonly<Record<string, Input<string>>>;
  /** One login for each of these functions, and one for the job that prepares the buckets. */
  readonly manifests: readonly Manifest[];
  readonly logins: Readonly<Record<string, StoreLogin>>;
  readonly administrator: StoreLogin;
  readonly volume: Mebibytes;
  /** Days for which nobody can delete an audit record; without it the store has no Object Lock. */
  readonly auditLockDays?: number;
  /** The site's own endpoint instead of a server of ours. */
  readonly existing?: ExistingObjectStore;
}

export interface ObjectStoreResult<Native> {
  readonly native: Native;
  readonly home: ObjectStoreHome;
}
