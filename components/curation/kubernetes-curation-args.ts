import type { Input } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Mebibytes } from '../core/units';
import type { ObjectStoreHome } from '../function/function-args';
import type { StoreLogin } from '../object-store/object-store-args';
import type { SparkJob } from './job-states';

/** What one pod of a job asks for; its limits are the same. */
export interface SparkPodSize {
  readonly cores: number;
  readonly memory: Mebibytes;
}

export interface KubernetesCurationArgs extends KubernetesComponentArgs {
  /** What the jobs' login of the object store may do; its name is the account of the drivers. */
  readonly manifest: Manifest;
  /**
   * A namespace of the jobs alone: whoever may make pods in a namespace reads every Secret of it.
   */
  readonly place: Input<string>;
  /** Scripts are files of the image, below `/opt/spark/jobs`; `dependsOn` is refused. */
  readonly jobs: readonly SparkJob[];
  /** When they begin: five fields of cron, UTC. */
  readonly schedule: string;
  readonly driver: SparkPodSize;
  /** Of each job. */
  readonly executors: SparkPodSize & { readonly count: number };
  readonly objectStore: ObjectStoreHome;
  readonly login: StoreLogin;
  /** By which driver and executors know each other. */
  readonly authentication: Input<string>;
}
