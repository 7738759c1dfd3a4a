import type { KeyName, Manifest, Zone } from '../../functions/manifest';
import { keyCallsOf, storeKeyCallsOf } from '../core/aws-grants';
import type { PolicyPrincipal, PolicyStatement } from '../core/aws-policy';
import { scheduleContext } from '../core/aws-service-grants';
import { type AwsTarget, awsArn, awsRoleArn } from '../core/aws-target';
import type { ServiceKeyName } from './aws-key-specs';
import { serviceKeyUses } from './aws-key-specs';

/** Roles that are no functions of ours and read or write a bucket: by ARN, what they call of its key. */
export interface StoreUsers {
  readonly readers: readonly string[];
  readonly writers: readonly string[];
}

type Named = Omit<AwsTarget, 'provider'>;

/** Everything that makes or opens what a key protects. */
const cryptographic = [
  'kms:Decrypt',
  'kms:DeriveSharedSecret',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:GenerateMac',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:Sign',
  'kms:VerifyMac',
];

/** Everything that could let another in, or end the key. */
const changing = [
  'kms:CreateAlias',
  'kms:CreateGrant',
  'kms:DeleteAlias',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:PutKeyPolicy',
  'kms:ReplicateKey',
  'kms:RetireGrant',
  'kms:ScheduleKeyDeletion',
  'kms:UpdateAlias',
  'kms:UpdatePrimaryRegion',
];

const administration = [
  ...changing.filter((action) => action !== 'kms:CreateGrant'),
  'kms:CancelKeyDeletion',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

const accountOf = (target: Named): PolicyPrincipal => ({ AWS: awsArn(target, 'iam', 'root') });

/**
 * Roles of deployment change the key, everyone of the account may look at it, and nobody has `kms:*`.
 *
 * @param granted services make grants for what they encrypt, in the name of whoever asked them
 */
function administrationStatements(target: Named, granted = false): readonly PolicyStatement[] {
  const trusted = [...target.deployers, ...target.breakGlass];
  return [
    {
      Sid: 'Administration',
      Effect: 'Allow',
      Principal: accountOf(target),
      Action: administration,
      Resource: '*',
      Condition: { ArnLike: { 'aws:PrincipalArn': trusted } },
    },
    {
      Sid: 'Inspection',
      Effect: 'Allow',
      Principal: accountOf(target),
      Action: [
        'kms:DescribeKey',
        'kms:GetKeyPolicy',
        'kms:GetKeyRotationStatus',
        'kms:GetPublicKey',
        'kms:ListAliases',
        'kms:ListGrants',
        'kms:ListKeyPolicies',
        'kms:ListKeyRotations',
        'kms:ListResourceTags',
      ],
      Resource: '*',
    },
    {
      Sid: 'NobodyElseChangesIt',
      Effect: 'Deny',
      Principal: '*',
      Action: granted ? changing.filter((action) => !/Grant$/.test(action)) : changing,
      Resource: '*',
      Condition: { ArnNotLike: { 'aws:PrincipalArn': trusted }, Bool: { 'aws:PrincipalIsAWSService': 'false' } },
    },
  ];
}

/** Each role may do its own calls, and every other cryptographic call is denied, whoever asks and whatever their role says. */
function useStatements(target: Named, callsByRole: ReadonlyMap<string, readonly string[]>): readonly PolicyStatement[] {
  const users = [...callsByRole].filter(([, calls]) => calls.length > 0);
  const allowed = Map.groupBy(users, ([, calls]) => JSON.stringify([...calls].sort()));
  const denied = Map.groupBy(cryptographic, (call) =>
    JSON.stringify(users.filter(([, calls]) => calls.includes(call)).map(([role]) => role)),
  );
  return [
    ...[...allowed.values()].map(
      (group, index): PolicyStatement => ({
        Sid: `Use${index + 1}`,
        Effect: 'Allow',
        Principal: accountOf(target),
        Action: [...(group[0]?.[1] ?? [])].sort(),
        Resource: '*',
        Condition: { ArnEquals: { 'aws:PrincipalArn': group.map(([role]) => role) } },
      }),
    ),
    ...[...denied].map(([text, calls], index): PolicyStatement => {
      const roles = JSON.parse(text) as readonly string[];
      return {
        Sid: `NobodyElseUsesIt${index + 1}`,
        Effect: 'Deny',
        Principal: '*',
        Action: calls,
        Resource: '*',
        ...(roles.length === 0 ? {} : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': roles } } }),
      };
    }),
  ];
}

/** The policy of a key that functions call themselves: what their manifests declare, and an administrator's call is denied. */
export function namedKeyPolicy(
  target: Named,
  key: KeyName,
  manifests: readonly Manifest[],
): readonly PolicyStatement[] {
  const calls = new Map(manifests.map((manifest) => [awsRoleArn(target, manifest.name), keyCallsOf(manifest, key)]));
  return [...administrationStatements(target), ...useStatements(target, calls)];
}

/** The policy of the key of a zone's bucket: for the roles that the manifests let to the zone, by way of S3. */
export function storeKeyPolicy(
  target: Named,
  zone: Zone,
  manifests: readonly Manifest[],
  { readers, writers }: StoreUsers,
): readonly PolicyStatement[] {
  const calls = new Map([
    ...manifests.map((manifest) => [awsRoleArn(target, manifest.name), storeKeyCallsOf(manifest, zone)] as const),
    ...readers.map((role) => [role, ['kms:Decrypt']] as const),
    ...writers.map((role) => [role, ['kms:Decrypt', 'kms:GenerateDataKey']] as const),
  ]);
  return [
    ...administrationStatements(target),
    ...useStatements(target, calls),
    {
      Sid: 'OnlyThroughS3',
      Effect: 'Deny',
      Principal: '*',
      Action: cryptographic,
      Resource: '*',
      Condition: { StringNotEqualsIfExists: { 'kms:ViaService': `s3.${target.region}.amazonaws.com` } },
    },
  ];
}

const eventBridge = 'events.amazonaws.com';
const serviceCalls = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:DescribeKey',
];

/**
 * The policy of a key that a service uses: through the service only, so a principal of the account cannot call it directly.
 *
 * @param users roles, by ARN, that come to what a named key protects, beside those who deploy
 */
export function serviceKeyPolicy(
  target: Named,
  name: ServiceKeyName,
  users: readonly string[] = [],
): readonly PolicyStatement[] {
  const { through, services, named } = serviceKeyUses[name];
  const serviceRole = awsArn(target, 'iam', 'role/aws-service-role/rds.amazonaws.com/*');
  const byThem =
    named === undefined
      ? {}
      : { ArnLike: { 'aws:PrincipalArn': [...target.deployers, ...target.breakGlass, serviceRole, ...users] } };
  const vias = through.map((service) => `${service}.${target.region}.amazonaws.com`);
  const withRegion = services.map((service) => `${service.replace('REGION', target.region)}.amazonaws.com`);
  const bySource = withRegion.filter((service) => service !== eventBridge);
  return [
    ...administrationStatements(target, true),
    ...(vias.length === 0
      ? []
      : ([
          {
            Sid: 'UseThroughServices',
            Effect: 'Allow',
            Principal: accountOf(target),
            Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
            Resource: '*',
            Condition: { StringEquals: { 'kms:CallerAccount': target.accountId, 'kms:ViaService': vias }, ...byThem },
          },
          {
            Sid: 'GrantsOfServices',
            Effect: 'Allow',
            Principal: accountOf(target),
            Action: 'kms:CreateGrant',
            Resource: '*',
            Condition: {
              StringEquals: { 'kms:CallerAccount': target.accountId, 'kms:ViaService': vias },
              Bool: { 'kms:GrantIsForAWSResource': 'true' },
              ...byThem,
            },
          },
        ] satisfies PolicyStatement[])),
    ...(through.includes('scheduler')
      ? [
          {
            Sid: 'InputOfSchedules',
            Effect: 'Allow' as const,
            Principal: accountOf(target),
            Action: 'kms:Decrypt',
            Resource: '*',
            Condition: scheduleContext(target),
          },
        ]
      : []),
    ...(bySource.length === 0
      ? []
      : [
          {
            Sid: 'UseByServices',
            Effect: 'Allow' as const,
            Principal: { Service: bySource },
            Action: serviceCalls,
            Resource: '*',
            // CloudWatch Logs sends no source account; its context names the log group, in this account.
            Condition:
              name === 'logs'
                ? { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': awsArn(target, 'logs', '*') } }
                : { StringEquals: { 'aws:SourceAccount': target.accountId } },
          },
        ]),
    // With a condition on the source it could not publish, and nothing would say so (SNS Developer Guide, "Enable compatibility
    // between event sources from AWS services and encrypted topics"); the context names a topic of this account.
    ...(bySource.length === withRegion.length
      ? []
      : [
          {
            Sid: 'UseByEventBridge',
            Effect: 'Allow' as const,
            Principal: { Service: [eventBridge] },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Resource: '*',
            Condition: { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': awsArn(target, 'sns', '*') } },
          },
        ]),
  ];
}
