/** How the lake answers a rule of the NCSC CAF set: by guard rails of ours, by having nothing of the kind, or by a reason. */
export type CafAnswer =
  | { readonly met: readonly string[] }
  /** Beginnings of Pulumi types, none of which may stand in the stack. */
  | { readonly absent: readonly string[] }
  /** The row of docs/findings.md that says why. */
  | { readonly finding: true };

const met = (...rules: readonly string[]): CafAnswer => ({ met: rules });
const absent = (...types: readonly string[]): CafAnswer => ({ absent: types });
const finding: CafAnswer = { finding: true };
const server = met('workspace-closed');
const scaling = absent('aws:autoscaling/', 'aws:ec2/launchConfiguration');
const dynamo = absent('aws:dynamodb/');
const classicBalancer = absent('aws:elb/');
const balancer = absent('aws:lb/', 'aws:alb/');
const elastic = absent('aws:elasticsearch/', 'aws:opensearch/');
const notebooks = absent('aws:sagemaker/');
const provisionedWarehouse = absent('aws:redshift/');

/** Each of the 68 rules that have logic, by name (aws-guard-rules-registry, `rule_set_ncsc_cafv3`). */
export const cafAnswers: Readonly<Record<string, CafAnswer>> = {
  EC2_INSTANCE_NO_PUBLIC_IP: server,
  EC2_INSTANCE_PROFILE_ATTACHED: server,
  EC2_INSTANCES_IN_VPC: server,
  ENCRYPTED_VOLUMES: met('workspace-encrypted'),
  NO_UNRESTRICTED_ROUTE_TO_IGW: met('route-no-default', 'vpc-no-way-out'),
  RESTRICTED_INCOMING_TRAFFIC: met('security-group-no-open-ingress'),
  INCOMING_SSH_DISABLED: met('security-group-no-open-ingress'),
  SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED: met('subnet-no-public-address'),
  AUTOSCALING_GROUP_ELB_HEALTHCHECK_REQUIRED: scaling,
  AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED: scaling,
  ECS_TASK_DEFINITION_USER_FOR_HOST_MODE_CHECK: absent('aws:ecs/'),
  EFS_ENCRYPTED_CHECK: absent('aws:efs/'),
  EMR_KERBEROS_ENABLED: absent('aws:emr/'),
  DB_INSTANCE_BACKUP_ENABLED: met('rds-backed-up'),
  RDS_ENHANCED_MONITORING_ENABLED: finding,
  RDS_INSTANCE_DELETION_PROTECTION_ENABLED: met('rds-backed-up'),
  RDS_INSTANCE_PUBLIC_ACCESS_CHECK: met('rds-private'),
  RDS_INSTANCE_LOGGING_ENABLED: met('rds-logged'),
  RDS_MULTI_AZ_SUPPORT: finding,
  RDS_STORAGE_ENCRYPTED: met('rds-encrypted'),
  REDSHIFT_BACKUP_ENABLED: provisionedWarehouse,
  REDSHIFT_CLUSTER_CONFIGURATION_CHECK: provisionedWarehouse,
  REDSHIFT_CLUSTER_MAINTENANCESETTINGS_CHECK: provisionedWarehouse,
  REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK: absent('aws:redshift/', 'aws:eks/'),
  REDSHIFT_ENHANCED_VPC_ROUTING_ENABLED: provisionedWarehouse,
  S3_BUCKET_DEFAULT_LOCK_ENABLED: finding,
  S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED: met('s3-bucket-closed'),
  S3_BUCKET_LOGGING_ENABLED: finding,
  S3_BUCKET_PUBLIC_READ_PROHIBITED: met('s3-bucket-closed', 's3-bucket-own-account', 's3-bucket-owner-enforced'),
  S3_BUCKET_PUBLIC_WRITE_PROHIBITED: met('s3-bucket-closed', 's3-bucket-own-account', 's3-bucket-owner-enforced'),
  S3_BUCKET_REPLICATION_ENABLED: finding,
  S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED: met('s3-bucket-encrypted'),
  S3_BUCKET_SSL_REQUESTS_ONLY: met('s3-bucket-tls'),
  S3_BUCKET_VERSIONING_ENABLED: met('s3-bucket-versioned'),
  SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED: notebooks,
  SAGEMAKER_NOTEBOOK_INSTANCE_KMS_KEY_CONFIGURED: notebooks,
  SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS: notebooks,
  SNS_ENCRYPTED_KMS: met('sns-topic-encrypted'),
  API_GW_CACHE_ENABLED_AND_ENCRYPTED: met('api-cache-encrypted'),
  API_GW_EXECUTION_LOGGING_ENABLED: met('api-no-content-logged', 'api-access-logged'),
  DMS_REPLICATION_NOT_PUBLIC: absent('aws:dms/'),
  CMK_BACKING_KEY_ROTATION_ENABLED: met('kms-key-rotated'),
  CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED: met('trail-watched'),
  CLOUD_TRAIL_ENCRYPTION_ENABLED: met('trail-encrypted'),
  CLOUDTRAIL_S3_DATAEVENTS_ENABLED: met('trail-data-events'),
  CLOUDWATCH_ALARM_ACTION_CHECK: met('alarm-tells-somebody'),
  CLOUDWATCH_LOG_GROUP_ENCRYPTED: met('log-group-encrypted'),
  DYNAMODB_PITR_ENABLED: dynamo,
  DYNAMODB_TABLE_ENCRYPTED_KMS: dynamo,
  ELB_ACM_CERTIFICATE_REQUIRED: classicBalancer,
  ELB_CROSS_ZONE_LOAD_BALANCING_ENABLED: classicBalancer,
  ELB_LOGGING_ENABLED: classicBalancer,
  ELB_TLS_HTTPS_LISTENERS_ONLY: classicBalancer,
  ELB_DELETION_PROTECTION_ENABLED: balancer,
  ELBV2_ACM_CERTIFICATE_REQUIRED: balancer,
  IAM_NO_INLINE_POLICY_CHECK: met('iam-no-inline-policy'),
  IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS: met('iam-policy-no-wildcard'),
  IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS: met('iam-policy-no-wildcard'),
  IAM_USER_NO_POLICIES_CHECK: met('iam-no-users'),
  LAMBDA_CONCURRENCY_CHECK: met('lambda-failures-kept'),
  LAMBDA_DLQ_CHECK: met('lambda-failures-kept'),
  LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED: met('lambda-invoked-by-name'),
  LAMBDA_INSIDE_VPC: met('lambda-in-network'),
  ELASTICSEARCH_ENCRYPTED_AT_REST: elastic,
  ELASTICSEARCH_IN_VPC_ONLY: elastic,
  ELASTICSEARCH_LOGS_TO_CLOUDWATCH: elastic,
  ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK: elastic,
  SECRETSMANAGER_USING_CMK: met('secret-encrypted'),
};
