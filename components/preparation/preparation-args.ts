import type { Input } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { FunctionCredentials, LakeHomes } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';

export interface PreparationArgs extends KubernetesComponentArgs {
  readonly place: Input<string>;
  /** Name of the service account of the job. */
  readonly account: string;
  /** The functions to prepare for, and where each runs. */
  readonly functions: readonly { readonly manifest: Manifest; readonly place: Input<string> }[];
  readonly credentials: Readonly<Record<string, FunctionCredentials>>;
  readonly homes: LakeHomes;
  /** Of the state database. */
  readonly administrator: { readonly user: string; readonly password: Input<string> };
  /** Service accounts of the people who operate the lake. */
  readonly operators: readonly { readonly namespace: Input<string>; readonly name: string }[];
  /** Role the job logs in to the key service with. */
  readonly keyRole: string;
  /** Who may send, as functions/provider-access/declared-providers.ts checked it. */
  readonly providers: readonly object[];
  /** Makes the buckets and their policies; absent where the site keeps them. */
  readonly storeAdministrator?: StoreLogin;
}
