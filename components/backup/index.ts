import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsBackup } from './aws';
import { kubernetesBackup } from './kubernetes';

/**
 * Copies the zones' buckets to another store, at a schedule: what is gone from a zone stays there until that store's own
 * lifecycle takes it, and an erasure is replayed after a restore. The state database keeps its own archive (StateDatabase).
 *
 * ```ts
 * new Backup('backup', { target, manifest: backupManifest, place, source, login, archive });
 * ```
 */
export class Backup<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('backup', 'Backup', builders, name, args, opts);
  }
}

const builders = { aws: awsBackup, kubernetes: kubernetesBackup } satisfies Builders;
