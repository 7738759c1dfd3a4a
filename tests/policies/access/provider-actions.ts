/**
 * What the provider of AWS asks of the services for each type of resource: to read it (a refresh), and beside that to make, change and
 * delete it. From the provider's documentation and the reference of each service's API; that each action exists, and what it needs
 * beside itself, is asked of AWS's Service Authorization Reference (deployer-rights.test.ts).
 */
interface ProviderActions {
  readonly reads: string;
  readonly writes: string;
}

const of = (service: string, reads: string, writes: string, others = ''): ProviderActions => {
  const named = (names: string): string =>
    names
      .split(' ')
      .filter(Boolean)
      .map((name) => `${service}:${name}`)
      .join(' ');
  return { reads: named(reads), writes: `${named(writes)} ${others}` };
};
const pass = 'iam:PassRole';
const viaGateway = of('apigateway', 'GET', 'POST PUT PATCH DELETE');
const deliveries = 'logs:CreateLogDelivery logs:DescribeResourcePolicies logs:PutResourcePolicy';
const grants = 'kms:CreateGrant kms:Decrypt kms:DescribeKey kms:GenerateDataKey';
const bucketPart = (name: string, read = `GetBucket${name}`, write = `PutBucket${name}`): ProviderActions =>
  of('s3', read, write);

/** Of settings that the stack of production leaves out: tokens by Cognito, a way to another network, data of others, reports. */
const beyondProduction: Readonly<Record<string, ProviderActions>> = {
  'apigateway/apiKey': viaGateway,
  'apigateway/usagePlan': viaGateway,
  'apigateway/usagePlanKey': viaGateway,
  'cognito/identityProvider': of(
    'cognito-idp',
    'DescribeIdentityProvider',
    'CreateIdentityProvider UpdateIdentityProvider DeleteIdentityProvider',
  ),
  'cognito/managedLoginBranding': of(
    'cognito-idp',
    'DescribeManagedLoginBranding',
    'CreateManagedLoginBranding UpdateManagedLoginBranding DeleteManagedLoginBranding',
  ),
  'cognito/resourceServer': of(
    'cognito-idp',
    'DescribeResourceServer',
    'CreateResourceServer UpdateResourceServer DeleteResourceServer',
  ),
  'cognito/riskConfiguration': of('cognito-idp', 'DescribeRiskConfiguration', 'SetRiskConfiguration'),
  'cognito/userPool': of(
    'cognito-idp',
    'DescribeUserPool GetUserPoolMfaConfig ListTagsForResource',
    'CreateUserPool UpdateUserPool DeleteUserPool SetUserPoolMfaConfig TagResource UntagResource',
  ),
  'cognito/userPoolClient': of(
    'cognito-idp',
    'DescribeUserPoolClient',
    'CreateUserPoolClient UpdateUserPoolClient DeleteUserPoolClient',
  ),
  'cognito/userPoolDomain': of(
    'cognito-idp',
    'DescribeUserPoolDomain',
    'CreateUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain',
  ),
  'ec2/peeringConnectionOptions': of('ec2', 'DescribeVpcPeeringConnections', 'ModifyVpcPeeringConnectionOptions'),
  'ec2/route': of('ec2', 'DescribeRouteTables', 'CreateRoute ReplaceRoute DeleteRoute'),
  'ec2/vpcPeeringConnection': of(
    'ec2',
    'DescribeVpcPeeringConnections',
    'CreateVpcPeeringConnection DeleteVpcPeeringConnection CreateTags',
  ),
  // By the role of the analytics team's account.
  'ec2/vpcPeeringConnectionAccepter': of('ec2', 'DescribeVpcPeeringConnections', ''),
  'ec2clientvpn/authorizationRule': of(
    'ec2',
    'DescribeClientVpnAuthorizationRules',
    'AuthorizeClientVpnIngress RevokeClientVpnIngress',
  ),
  'ec2clientvpn/endpoint': of(
    'ec2',
    'DescribeClientVpnEndpoints',
    'CreateClientVpnEndpoint ModifyClientVpnEndpoint DeleteClientVpnEndpoint CreateTags',
  ),
  'ec2clientvpn/networkAssociation': of(
    'ec2',
    'DescribeClientVpnTargetNetworks',
    'AssociateClientVpnTargetNetwork DisassociateClientVpnTargetNetwork',
  ),
  'glue/classifier': of('glue', 'GetClassifier', 'CreateClassifier UpdateClassifier DeleteClassifier'),
  'glue/connection': of(
    'glue',
    'GetConnection GetTags',
    'CreateConnection UpdateConnection DeleteConnection TagResource',
  ),
  'glue/crawler': of('glue', 'GetCrawler GetTags', 'CreateCrawler UpdateCrawler DeleteCrawler TagResource', pass),
  'glue/securityConfiguration': of(
    'glue',
    'GetSecurityConfiguration',
    'CreateSecurityConfiguration DeleteSecurityConfiguration',
  ),
  'lambda/codeSigningConfig': of(
    'lambda',
    'GetCodeSigningConfig',
    'CreateCodeSigningConfig UpdateCodeSigningConfig DeleteCodeSigningConfig',
  ),
  'quicksight/vpcConnection': of(
    'quicksight',
    'DescribeVPCConnection ListTagsForResource',
    'CreateVPCConnection UpdateVPCConnection DeleteVPCConnection TagResource',
    `${pass} ec2:DescribeSubnets ec2:DescribeSecurityGroups`,
  ),
};

/** By the provider's type without `aws:` and the name of its class: `s3/bucket`. */
export const providerActions: Readonly<Record<string, ProviderActions>> = {
  ...beyondProduction,
  'accessanalyzer/analyzer': of(
    'access-analyzer',
    'GetAnalyzer',
    'CreateAnalyzer DeleteAnalyzer TagResource UntagResource',
  ),
  'apigateway/account': of('apigateway', 'GET', 'PATCH', pass),
  'apigateway/basePathMapping': viaGateway,
  'apigateway/deployment': viaGateway,
  'apigateway/documentationVersion': viaGateway,
  'apigateway/domainName': of('apigateway', 'GET', 'POST PATCH DELETE', 'acm:DescribeCertificate'),
  'apigateway/methodSettings': viaGateway,
  'apigateway/restApi': of('apigateway', 'GET', 'POST PUT PATCH DELETE UpdateRestApiPolicy'),
  'apigateway/stage': viaGateway,
  'backup/plan': of(
    'backup',
    'GetBackupPlan ListTags',
    'CreateBackupPlan UpdateBackupPlan DeleteBackupPlan TagResource UntagResource',
  ),
  'backup/restoreTestingPlan': of(
    'backup',
    'GetRestoreTestingPlan ListTags',
    'CreateRestoreTestingPlan UpdateRestoreTestingPlan DeleteRestoreTestingPlan TagResource',
  ),
  'backup/restoreTestingSelection': of(
    'backup',
    'GetRestoreTestingSelection',
    'CreateRestoreTestingSelection UpdateRestoreTestingSelection DeleteRestoreTestingSelection',
    pass,
  ),
  'backup/selection': of('backup', 'GetBackupSelection', 'CreateBackupSelection DeleteBackupSelection', pass),
  'backup/vault': of(
    'backup',
    'DescribeBackupVault ListTags',
    'CreateBackupVault DeleteBackupVault TagResource UntagResource',
    `backup-storage:MountCapsule ${grants} kms:RetireGrant`,
  ),
  'backup/vaultLockConfiguration': of(
    'backup',
    'DescribeBackupVault',
    'PutBackupVaultLockConfiguration DeleteBackupVaultLockConfiguration',
  ),
  'backup/vaultPolicy': of(
    'backup',
    'GetBackupVaultAccessPolicy',
    'PutBackupVaultAccessPolicy DeleteBackupVaultAccessPolicy',
  ),
  // The actions of its API are called otherwise: DescribeBudget is ViewBudget.
  'budgets/budget': of('budgets', 'ViewBudget ListTagsForResource', 'ModifyBudget TagResource UntagResource'),
  'cfg/deliveryChannel': of('config', 'DescribeDeliveryChannels', 'PutDeliveryChannel DeleteDeliveryChannel'),
  'cfg/recorder': of(
    'config',
    'DescribeConfigurationRecorders',
    'PutConfigurationRecorder DeleteConfigurationRecorder',
    pass,
  ),
  'cfg/recorderStatus': of(
    'config',
    'DescribeConfigurationRecorderStatus',
    'StartConfigurationRecorder StopConfigurationRecorder',
  ),
  'cloudtrail/trail': of(
    'cloudtrail',
    'DescribeTrails GetTrailStatus GetEventSelectors GetInsightSelectors ListTags',
    'CreateTrail UpdateTrail DeleteTrail StartLogging PutEventSelectors AddTags RemoveTags',
    pass,
  ),
  'cloudwatch/eventRule': of(
    'events',
    'DescribeRule ListTagsForResource',
    'PutRule DeleteRule EnableRule DisableRule TagResource UntagResource',
  ),
  'cloudwatch/eventTarget': of('events', 'ListTargetsByRule', 'PutTargets RemoveTargets', pass),
  'cloudwatch/logGroup': of(
    'logs',
    'DescribeLogGroups ListTagsForResource',
    'CreateLogGroup DeleteLogGroup PutRetentionPolicy AssociateKmsKey TagResource UntagResource',
  ),
  'cloudwatch/logMetricFilter': of('logs', 'DescribeMetricFilters', 'PutMetricFilter DeleteMetricFilter'),
  'cloudwatch/metricAlarm': of(
    'cloudwatch',
    'DescribeAlarms ListTagsForResource',
    'PutMetricAlarm DeleteAlarms TagResource UntagResource',
  ),
  'costexplorer/anomalyMonitor': of(
    'ce',
    'GetAnomalyMonitors ListTagsForResource',
    'CreateAnomalyMonitor UpdateAnomalyMonitor DeleteAnomalyMonitor TagResource UntagResource',
  ),
  'costexplorer/anomalySubscription': of(
    'ce',
    'GetAnomalySubscriptions ListTagsForResource',
    'CreateAnomalySubscription UpdateAnomalySubscription DeleteAnomalySubscription TagResource UntagResource',
  ),
  'ec2/defaultNetworkAcl': of('ec2', 'DescribeNetworkAcls', 'CreateNetworkAclEntry DeleteNetworkAclEntry CreateTags'),
  'ec2/defaultRouteTable': of('ec2', 'DescribeRouteTables', 'CreateRoute DeleteRoute CreateTags DeleteTags'),
  'ec2/defaultSecurityGroup': of(
    'ec2',
    'DescribeSecurityGroups',
    'RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateTags',
  ),
  'ec2/flowLog': of('ec2', 'DescribeFlowLogs', 'CreateFlowLogs DeleteFlowLogs CreateTags', `${pass} ${deliveries}`),
  'ec2/instance': of(
    'ec2',
    'DescribeInstances DescribeInstanceAttribute DescribeInstanceTypes DescribeImages DescribeVolumes DescribeTags',
    'RunInstances ModifyInstanceAttribute ModifyInstanceMetadataOptions StopInstances StartInstances TerminateInstances CreateTags DeleteTags',
    `${pass} ${grants}`,
  ),
  'ec2/networkAcl': of(
    'ec2',
    'DescribeNetworkAcls',
    'CreateNetworkAcl DeleteNetworkAcl CreateNetworkAclEntry DeleteNetworkAclEntry ReplaceNetworkAclAssociation CreateTags',
  ),
  'ec2/routeTable': of(
    'ec2',
    'DescribeRouteTables',
    'CreateRouteTable DeleteRouteTable CreateRoute DeleteRoute ReplaceRoute CreateTags',
  ),
  'ec2/routeTableAssociation': of(
    'ec2',
    'DescribeRouteTables',
    'AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation',
  ),
  'ec2/securityGroup': of(
    'ec2',
    'DescribeSecurityGroups DescribeSecurityGroupRules DescribeNetworkInterfaces',
    'CreateSecurityGroup DeleteSecurityGroup RevokeSecurityGroupEgress CreateTags DeleteTags',
  ),
  'ec2/subnet': of(
    'ec2',
    'DescribeSubnets DescribeNetworkInterfaces',
    'CreateSubnet ModifySubnetAttribute DeleteSubnet CreateTags',
  ),
  'ec2/vpc': of(
    'ec2',
    'DescribeVpcs DescribeVpcAttribute DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups',
    'CreateVpc ModifyVpcAttribute DeleteVpc CreateTags',
  ),
  'ec2/vpcBlockPublicAccessOptions': of(
    'ec2',
    'DescribeVpcBlockPublicAccessOptions',
    'ModifyVpcBlockPublicAccessOptions',
  ),
  'ec2/vpcEncryptionControl': of(
    'ec2',
    'DescribeVpcEncryptionControls',
    'CreateVpcEncryptionControl ModifyVpcEncryptionControl DeleteVpcEncryptionControl CreateTags',
  ),
  // Private names of an endpoint are a hosted zone that is put to the network (Service Authorization Reference: a dependent action).
  'ec2/vpcEndpoint': of(
    'ec2',
    'DescribeVpcEndpoints DescribePrefixLists',
    'CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints CreateTags',
    'route53:AssociateVPCWithHostedZone',
  ),
  'emrserverless/application': of(
    'emr-serverless',
    'GetApplication ListTagsForResource',
    'CreateApplication UpdateApplication StopApplication DeleteApplication TagResource',
    'ec2:CreateNetworkInterface',
  ),
  'glue/catalogDatabase': of('glue', 'GetDatabase GetTags', 'CreateDatabase UpdateDatabase DeleteDatabase TagResource'),
  'glue/catalogTable': of('glue', 'GetTable GetPartitionIndexes', 'CreateTable UpdateTable DeleteTable'),
  'glue/dataCatalogEncryptionSettings': of(
    'glue',
    'GetDataCatalogEncryptionSettings',
    'PutDataCatalogEncryptionSettings',
  ),
  'guardduty/detector': of(
    'guardduty',
    'GetDetector ListTagsForResource',
    'CreateDetector UpdateDetector DeleteDetector TagResource',
  ),
  'guardduty/detectorFeature': of('guardduty', 'GetDetector', 'UpdateDetector'),
  'iam/instanceProfile': of(
    'iam',
    'GetInstanceProfile',
    'CreateInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile TagInstanceProfile',
    pass,
  ),
  'iam/policy': of(
    'iam',
    'GetPolicy GetPolicyVersion ListPolicyVersions ListPolicyTags',
    'CreatePolicy CreatePolicyVersion DeletePolicyVersion DeletePolicy TagPolicy UntagPolicy',
  ),
  'iam/role': of(
    'iam',
    'GetRole ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole ListRoleTags',
    'CreateRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy PutRolePermissionsBoundary DeleteRole TagRole UntagRole',
  ),
  'iam/rolePolicyAttachment': of('iam', 'ListAttachedRolePolicies', 'AttachRolePolicy DetachRolePolicy'),
  'kms/alias': of('kms', 'ListAliases', 'CreateAlias UpdateAlias DeleteAlias'),
  'kms/key': of(
    'kms',
    'DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags',
    'CreateKey PutKeyPolicy EnableKeyRotation UpdateKeyDescription ScheduleKeyDeletion TagResource UntagResource',
  ),
  'lakeformation/dataLakeSettings': of('lakeformation', 'GetDataLakeSettings', 'PutDataLakeSettings'),
  'lakeformation/permissions': of('lakeformation', 'ListPermissions', 'GrantPermissions RevokePermissions'),
  'lakeformation/resource': of(
    'lakeformation',
    'DescribeResource',
    'RegisterResource UpdateResource DeregisterResource',
    pass,
  ),
  'lambda/alias': of('lambda', 'GetAlias', 'CreateAlias UpdateAlias DeleteAlias'),
  'lambda/eventSourceMapping': of(
    'lambda',
    'GetEventSourceMapping ListTags',
    'CreateEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping TagResource',
  ),
  'lambda/function': of(
    'lambda',
    'GetFunction GetFunctionCodeSigningConfig ListVersionsByFunction',
    'CreateFunction UpdateFunctionCode UpdateFunctionConfiguration PublishVersion PutFunctionConcurrency DeleteFunction TagResource UntagResource GetLayerVersion',
    `${pass} ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs ${grants}`,
  ),
  'lambda/functionEventInvokeConfig': of(
    'lambda',
    'GetFunctionEventInvokeConfig',
    'PutFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
  ),
  // Of the preparation alone, which the simulation of access looks at.
  'lambda/invocation': of('lambda', '', ''),
  'lambda/layerVersion': of('lambda', 'GetLayerVersion', 'PublishLayerVersion DeleteLayerVersion'),
  'lambda/permission': of('lambda', 'GetPolicy', 'AddPermission RemovePermission'),
  'lambda/resourcePolicy': of('lambda', 'GetPolicy', 'AddPermission RemovePermission'),
  'macie2/account': of('macie2', 'GetMacieSession', 'EnableMacie UpdateMacieSession DisableMacie'),
  'rds/cluster': of(
    'rds',
    'DescribeDBClusters DescribeGlobalClusters ListTagsForResource',
    'CreateDBCluster ModifyDBCluster DeleteDBCluster AddTagsToResource RemoveTagsFromResource',
    `secretsmanager:CreateSecret secretsmanager:TagResource secretsmanager:RotateSecret ${grants}`,
  ),
  'rds/clusterInstance': of(
    'rds',
    'DescribeDBInstances DescribeDBClusters ListTagsForResource',
    'CreateDBInstance ModifyDBInstance DeleteDBInstance AddTagsToResource',
    pass,
  ),
  'rds/clusterParameterGroup': of(
    'rds',
    'DescribeDBClusterParameterGroups DescribeDBClusterParameters ListTagsForResource',
    'CreateDBClusterParameterGroup ModifyDBClusterParameterGroup ResetDBClusterParameterGroup DeleteDBClusterParameterGroup AddTagsToResource',
  ),
  'rds/subnetGroup': of(
    'rds',
    'DescribeDBSubnetGroups ListTagsForResource',
    'CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup AddTagsToResource',
  ),
  'redshiftdata/statement': of(
    'redshift-data',
    'DescribeStatement',
    'ExecuteStatement',
    'redshift-serverless:GetCredentials',
  ),
  'redshiftserverless/namespace': of(
    'redshift-serverless',
    'GetNamespace ListTagsForResource',
    'CreateNamespace UpdateNamespace DeleteNamespace TagResource',
    `${pass} secretsmanager:CreateSecret secretsmanager:TagResource secretsmanager:RotateSecret ${grants}`,
  ),
  'redshiftserverless/usageLimit': of(
    'redshift-serverless',
    'GetUsageLimit',
    'CreateUsageLimit UpdateUsageLimit DeleteUsageLimit',
  ),
  'redshiftserverless/workgroup': of(
    'redshift-serverless',
    'GetWorkgroup ListTagsForResource',
    'CreateWorkgroup UpdateWorkgroup DeleteWorkgroup TagResource',
    'ec2:DescribeVpcAttribute ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DescribeAddresses ec2:DescribeAvailabilityZones ec2:DescribeAccountAttributes',
  ),
  'route53/resolverFirewallConfig': of('route53resolver', 'GetFirewallConfig', 'UpdateFirewallConfig'),
  'route53/resolverFirewallDomainList': of(
    'route53resolver',
    'GetFirewallDomainList ListFirewallDomains ListTagsForResource',
    'CreateFirewallDomainList UpdateFirewallDomains DeleteFirewallDomainList TagResource',
  ),
  'route53/resolverFirewallRule': of(
    'route53resolver',
    'ListFirewallRules',
    'CreateFirewallRule UpdateFirewallRule DeleteFirewallRule',
  ),
  'route53/resolverFirewallRuleGroup': of(
    'route53resolver',
    'GetFirewallRuleGroup ListTagsForResource',
    'CreateFirewallRuleGroup DeleteFirewallRuleGroup TagResource',
  ),
  'route53/resolverFirewallRuleGroupAssociation': of(
    'route53resolver',
    'GetFirewallRuleGroupAssociation ListTagsForResource',
    'AssociateFirewallRuleGroup UpdateFirewallRuleGroupAssociation DisassociateFirewallRuleGroup TagResource',
  ),
  'route53/resolverQueryLogConfig': of(
    'route53resolver',
    'GetResolverQueryLogConfig ListTagsForResource',
    'CreateResolverQueryLogConfig DeleteResolverQueryLogConfig TagResource',
    deliveries,
  ),
  'route53/resolverQueryLogConfigAssociation': of(
    'route53resolver',
    'GetResolverQueryLogConfigAssociation',
    'AssociateResolverQueryLogConfig DisassociateResolverQueryLogConfig',
  ),
  's3/accessPoint': of(
    's3',
    'GetAccessPoint GetAccessPointPolicy GetAccessPointPolicyStatus',
    'CreateAccessPoint DeleteAccessPoint PutAccessPointPolicy DeleteAccessPointPolicy',
  ),
  's3/accountPublicAccessBlock': of('s3', 'GetAccountPublicAccessBlock', 'PutAccountPublicAccessBlock'),
  's3/bucket': of(
    's3',
    'ListBucket GetBucketLocation GetBucketTagging GetBucketObjectLockConfiguration GetBucketAcl GetBucketCORS GetBucketWebsite GetAccelerateConfiguration GetBucketRequestPayment GetReplicationConfiguration GetBucketLogging',
    'CreateBucket DeleteBucket PutBucketTagging',
  ),
  's3/bucketLifecycleConfiguration': of('s3', 'GetLifecycleConfiguration', 'PutLifecycleConfiguration'),
  's3/bucketObjectLockConfiguration': bucketPart('ObjectLockConfiguration'),
  's3/bucketOwnershipControls': bucketPart('OwnershipControls'),
  's3/bucketPolicy': of('s3', 'GetBucketPolicy', 'PutBucketPolicy DeleteBucketPolicy'),
  's3/bucketPublicAccessBlock': bucketPart('PublicAccessBlock'),
  's3/bucketServerSideEncryptionConfiguration': of('s3', 'GetEncryptionConfiguration', 'PutEncryptionConfiguration'),
  's3/bucketVersioning': bucketPart('Versioning'),
  'scheduler/schedule': of('scheduler', 'GetSchedule', 'CreateSchedule UpdateSchedule DeleteSchedule', pass),
  'securityhub/account': of(
    'securityhub',
    'DescribeHub',
    'EnableSecurityHub UpdateSecurityHubConfiguration DisableSecurityHub',
  ),
  'securityhub/standardsSubscription': of(
    'securityhub',
    'GetEnabledStandards',
    'BatchEnableStandards BatchDisableStandards',
  ),
  'sfn/stateMachine': of(
    'states',
    'DescribeStateMachine ListTagsForResource ListStateMachineVersions',
    'CreateStateMachine UpdateStateMachine DeleteStateMachine TagResource ValidateStateMachineDefinition',
    `${pass} ${deliveries} logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries`,
  ),
  'sns/topic': of(
    'sns',
    'GetTopicAttributes ListTagsForResource GetDataProtectionPolicy',
    'CreateTopic SetTopicAttributes DeleteTopic TagResource',
  ),
  'sns/topicPolicy': of('sns', 'GetTopicAttributes', 'SetTopicAttributes'),
  'sns/topicSubscription': of('sns', 'GetSubscriptionAttributes', 'Subscribe SetSubscriptionAttributes Unsubscribe'),
  'sqs/queue': of('sqs', 'GetQueueAttributes ListQueueTags', 'CreateQueue SetQueueAttributes DeleteQueue TagQueue'),
  'sqs/queuePolicy': of('sqs', 'GetQueueAttributes', 'SetQueueAttributes'),
  'vpc/securityGroupEgressRule': of(
    'ec2',
    'DescribeSecurityGroupRules',
    'AuthorizeSecurityGroupEgress ModifySecurityGroupRules RevokeSecurityGroupEgress CreateTags',
  ),
  'vpc/securityGroupIngressRule': of(
    'ec2',
    'DescribeSecurityGroupRules',
    'AuthorizeSecurityGroupIngress ModifySecurityGroupRules RevokeSecurityGroupIngress CreateTags',
  ),
  'wafv2/webAcl': of(
    'wafv2',
    'GetWebACL ListTagsForResource',
    'CreateWebACL UpdateWebACL DeleteWebACL TagResource UntagResource',
  ),
  'wafv2/webAclAssociation': of(
    'wafv2',
    'GetWebACLForResource',
    'AssociateWebACL DisassociateWebACL',
    'apigateway:SetWebACL',
  ),
  'wafv2/webAclLoggingConfiguration': of(
    'wafv2',
    'GetLoggingConfiguration',
    'PutLoggingConfiguration DeleteLoggingConfiguration',
    `${deliveries} iam:CreateServiceLinkedRole`,
  ),
};

/** `s3/bucket` of `aws:s3/bucket:Bucket`; nothing of a type of another provider. */
export const providerTypesOf = (stack: readonly { readonly type: string }[]): readonly string[] => [
  ...new Set(stack.flatMap(({ type }) => /^aws:(\w+\/\w+):/.exec(type)?.[1] ?? [])),
];
