import { listOf } from './config-schema';
import { retentionSettings } from './retention-settings';

/** Settings of those who operate a lake on AWS, and of what it does by itself. */
export const awsOperatingSchema = {
  operators: listOf(
    /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?=arn:aws:(iam::[0-9]{12}:(role|user)|sts::[0-9]{12}:assumed-role)\/[\w+=,.@/-]{1,128}$/,
    'NAME=ARN',
    'People who operate the lake (`lake … --stack`): the name in its audit, and the role, user or session of that one person in the account.',
    [],
  ),
  ...retentionSettings,
} as const;
