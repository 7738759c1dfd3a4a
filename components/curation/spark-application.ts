import type { Input } from '@pulumi/pulumi';
import type { Labels } from '../core/kubernetes-parts';

/** The template of a pod; Spark adds its own settings to the container of the name it knows. */
export interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A driver or an executor. `memory` is the heap (`-Xmx`); the pod asks for heap and overhead. */
interface SparkPodSpec {
  readonly serviceAccount: Input<string>;
  readonly cores: number;
  readonly coreLimit: string;
  readonly memory: string;
  readonly memoryOverhead: string;
  readonly template: PodTemplate;
}

/** `sparkoperator.k8s.io/v1beta2` SparkApplication, `spec`: the fields that the lake sets (CRD of kubeflow/spark-operator 2.5.2). */
export interface SparkApplicationSpec {
  readonly type: 'Python';
  readonly sparkVersion: string;
  readonly mode: 'cluster';
  readonly image: string;
  readonly mainApplicationFile: string;
  readonly arguments: readonly string[];
  readonly sparkConf: Readonly<Record<string, Input<string>>>;
  readonly restartPolicy: {
    readonly type: 'OnFailure';
    readonly onFailureRetries: number;
    /** Seconds. */
    readonly onFailureRetryInterval: number;
    readonly onSubmissionFailureRetries: number;
    /** Seconds. */
    readonly onSubmissionFailureRetryInterval: number;
  };
  readonly driver: SparkPodSpec;
  readonly executor: SparkPodSpec & { readonly instances: number };
}

/** ScheduledSparkApplication of the same group, `spec`. */
export interface ScheduledSparkApplicationSpec {
  /** Five fields of cron. */
  readonly schedule: string;
  readonly timeZone: 'UTC';
  readonly concurrencyPolicy: 'Forbid';
  readonly successfulRunHistoryLimit: number;
  readonly failedRunHistoryLimit: number;
  readonly template: SparkApplicationSpec;
}
