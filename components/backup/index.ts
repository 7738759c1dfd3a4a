import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { LakeComponent } from '../core/lake-component';
import type { TargetKind } from '../core/target';
import type { BackupArgs } from './backup-args';
import { type KubernetesBackup, kubernetesBackup } from './kubernetes';

/**
 * Copies the zones' buckets to another store, at a schedule: what is gone from a zone stays there until that store's own
 * lifecycle takes it, and an erasure is replayed after a restore. The state database keeps its own archive (StateDatabase).
 *
 * ```ts
 * new Backup('backup', { target, manifest: backupManifest, place, source, login, archive });
 * ```
 */
export class Backup extends LakeComponent {
  readonly native: KubernetesBackup;

  constructor(name: string, args: BackupArgs, opts?: ComponentResourceOptions) {
    super('backup', 'Backup', name, opts);
    this.native = builders[args.target.kind](this, name, args);
    this.registerOutputs({});
  }
}

const builders = { kubernetes: kubernetesBackup } satisfies Record<TargetKind, unknown>;
