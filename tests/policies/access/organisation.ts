import { account } from './access-request';
import type { PolicyText } from './account-policies';

/** Ways to another's rights: what no role of the lake needs, and what an organisation takes from everyone but its deployers. */
const escalations = [
  'iam:AttachRolePolicy',
  'iam:CreateAccessKey',
  'iam:CreatePolicyVersion',
  'iam:DeleteRolePermissionsBoundary',
  'iam:PassRole',
  'iam:PutRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'lambda:AddPermission',
  'lambda:CreateEventSourceMapping',
  'lambda:CreateFunctionUrlConfig',
  'lambda:UpdateFunctionCode',
  'lambda:UpdateFunctionConfiguration',
  'ec2:CreateInternetGateway',
  'ec2:ModifyVpcEndpoint',
  'cloudtrail:StopLogging',
];

/** A permissions boundary as an organisation lays it over roles: the services of the lake, and no way to another's rights. */
export const boundary: PolicyText = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        's3:*',
        'kms:*',
        'sns:*',
        'sqs:*',
        'rds-db:*',
        'logs:*',
        'xray:*',
        'ec2:*',
        'secretsmanager:*',
        'lambda:*',
        'sts:*',
      ],
      Resource: '*',
    },
    { Effect: 'Deny', Action: escalations, Resource: '*' },
  ],
};

/** A service control policy: everything, but escalations by the roles that deploy alone, and nothing outside the United Kingdom. */
export const organisation: PolicyText = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    {
      Sid: 'DeployersAlone',
      Effect: 'Deny',
      Action: escalations,
      Resource: '*',
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [`arn:aws:iam::${account}:role/deploy`] } },
    },
    {
      Sid: 'UnitedKingdomAlone',
      Effect: 'Deny',
      Action: ['s3:CreateBucket', 'rds:CreateDBCluster', 'kms:CreateKey'],
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-2'] } },
    },
  ],
};
