import type { Input } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { Archive } from '../core/archive';
import type { ComponentArgs } from '../core/lake-component';
import type { ObjectStoreHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

export interface BackupArgs extends ComponentArgs {
  /** Its zones are what is copied. */
  readonly manifest: Manifest;
  readonly place: Input<string>;
  readonly source: ObjectStoreHome;
  readonly login: StoreLogin;
  readonly archive: Archive;
}
