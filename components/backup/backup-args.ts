import type { Input } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { Archive } from '../core/archive';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { ObjectStoreHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

export interface BackupArgs extends KubernetesComponentArgs {
  /** Its zones are what is copied. */
  readonly manifest: Manifest;
  readonly place: Input<string>;
  readonly source: ObjectStoreHome;
  readonly login: StoreLogin;
  readonly archive: Archive;
}
