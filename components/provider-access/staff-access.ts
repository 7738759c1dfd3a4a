import type { ComponentResourceOptions } from '@pulumi/pulumi';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../core/target-component';
import { awsStaffAccess } from './aws-staff';

/**
 * Where people who run or look at a lake sign in: with the identity their organisation gave them.
 *
 * ```ts
 * new StaffAccess('staff-access', { target, identity, domain: 'lake-staff', callbackUrls: ['https://console.example.nhs.uk/'], logoutUrls: [] });
 * ```
 */
export class StaffAccess<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  constructor(name: string, args: ArgsOn<typeof builders, Kind>, opts?: ComponentResourceOptions) {
    super('provider-access', 'StaffAccess', builders, name, args, opts);
  }
}

const builders = {
  aws: awsStaffAccess,
  kubernetes: 'people sign in to the cluster with the identity of its site',
} satisfies Builders;
