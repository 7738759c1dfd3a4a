import type { RestApiArgs } from '@pulumi/aws/apigateway';
import type { PlanArgs, VaultArgs, VaultPolicyArgs } from '@pulumi/aws/backup';
import type { TrailArgs } from '@pulumi/aws/cloudtrail';
import type {
  EventApiDestinationArgs,
  EventBusPolicyArgs,
  EventConnectionArgs,
  EventRuleArgs,
  EventTargetArgs,
  LogGroupArgs,
  LogSubscriptionFilterArgs,
  MetricStreamArgs,
} from '@pulumi/aws/cloudwatch';
import type {
  CustomerGatewayArgs,
  DefaultSecurityGroupArgs,
  EgressOnlyInternetGatewayArgs,
  EipArgs,
  FlowLogArgs,
  InstanceArgs,
  InternetGatewayArgs,
  NatGatewayArgs,
  NetworkAclArgs,
  NetworkInterfaceArgs,
  RouteArgs,
  RouteTableArgs,
  RouteTableAssociationArgs,
  SecurityGroupArgs,
  SnapshotCreateVolumePermissionArgs,
  SubnetArgs,
  VpcArgs,
  VpcBlockPublicAccessExclusionArgs,
  VpcBlockPublicAccessOptionsArgs,
  VpcEndpointArgs,
  VpcPeeringConnectionAccepterArgs,
  VpcPeeringConnectionArgs,
  VpnConnectionArgs,
  VpnGatewayArgs,
} from '@pulumi/aws/ec2';
import type { VpcAttachmentArgs } from '@pulumi/aws/ec2transitgateway';
import type { RepositoryArgs, RepositoryPolicyArgs } from '@pulumi/aws/ecr';
import type { ApplicationArgs } from '@pulumi/aws/emrserverless';
import type { CatalogDatabaseArgs, ResourcePolicyArgs } from '@pulumi/aws/glue';
import type { InstanceProfileArgs, RoleArgs, RolePolicyArgs, RolePolicyAttachmentArgs } from '@pulumi/aws/iam';
import type { FirehoseDeliveryStreamArgs } from '@pulumi/aws/kinesis';
import type { GrantArgs, KeyArgs } from '@pulumi/aws/kms';
import type { DataLakeSettingsArgs } from '@pulumi/aws/lakeformation';
import type { FunctionArgs, FunctionUrlArgs, PermissionArgs } from '@pulumi/aws/lambda';
import type { LoadBalancerArgs } from '@pulumi/aws/lb';
import type { PrincipalAssociationArgs, ResourceAssociationArgs, ResourceShareArgs } from '@pulumi/aws/ram';
import type { ClusterArgs, ClusterRoleAssociationArgs, ClusterSnapshotArgs, SubnetGroupArgs } from '@pulumi/aws/rds';
import type { StatementArgs as SqlStatementArgs } from '@pulumi/aws/redshiftdata';
import type { EndpointAccessArgs, NamespaceArgs, WorkgroupArgs } from '@pulumi/aws/redshiftserverless';
import type {
  ResolverEndpointArgs,
  ResolverFirewallDomainListArgs,
  ResolverFirewallRuleArgs,
  ResolverFirewallRuleGroupArgs,
  ResolverFirewallRuleGroupAssociationArgs,
  ResolverRuleArgs,
  ResolverRuleAssociationArgs,
} from '@pulumi/aws/route53';
import type {
  AccessPointArgs,
  BucketAclArgs,
  BucketArgs,
  BucketNotificationArgs,
  BucketPolicyArgs,
  BucketPublicAccessBlockArgs,
  BucketReplicationConfigArgs,
} from '@pulumi/aws/s3';
import type { ScheduleArgs } from '@pulumi/aws/scheduler';
import type { SecretArgs, SecretPolicyArgs } from '@pulumi/aws/secretsmanager';
import type { StateMachineArgs } from '@pulumi/aws/sfn';
import type { TopicArgs, TopicPolicyArgs, TopicSubscriptionArgs } from '@pulumi/aws/sns';
import type { QueueArgs, QueuePolicyArgs, RedrivePolicyArgs } from '@pulumi/aws/sqs';
import type { ServerArgs } from '@pulumi/aws/transfer';
import type { SecurityGroupEgressRuleArgs, SecurityGroupIngressRuleArgs } from '@pulumi/aws/vpc';

/** What each type takes, so that a misspelt argument of the hand-written stack or of a leak does not compile. */
export interface AwsInputs {
  'aws:apigateway/restApi:RestApi': RestApiArgs;
  'aws:backup/plan:Plan': PlanArgs;
  'aws:backup/vault:Vault': VaultArgs;
  'aws:backup/vaultPolicy:VaultPolicy': VaultPolicyArgs;
  'aws:cloudtrail/trail:Trail': TrailArgs;
  'aws:cloudwatch/eventApiDestination:EventApiDestination': EventApiDestinationArgs;
  'aws:cloudwatch/eventBusPolicy:EventBusPolicy': EventBusPolicyArgs;
  'aws:cloudwatch/eventConnection:EventConnection': EventConnectionArgs;
  'aws:cloudwatch/eventRule:EventRule': EventRuleArgs;
  'aws:cloudwatch/eventTarget:EventTarget': EventTargetArgs;
  'aws:cloudwatch/logGroup:LogGroup': LogGroupArgs;
  'aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter': LogSubscriptionFilterArgs;
  'aws:cloudwatch/metricStream:MetricStream': MetricStreamArgs;
  'aws:ec2/customerGateway:CustomerGateway': CustomerGatewayArgs;
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': DefaultSecurityGroupArgs;
  'aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway': EgressOnlyInternetGatewayArgs;
  'aws:ec2/eip:Eip': EipArgs;
  'aws:ec2/flowLog:FlowLog': FlowLogArgs;
  'aws:ec2/internetGateway:InternetGateway': InternetGatewayArgs;
  'aws:ec2/natGateway:NatGateway': NatGatewayArgs;
  'aws:ec2/networkAcl:NetworkAcl': NetworkAclArgs;
  'aws:ec2/route:Route': RouteArgs;
  'aws:ec2/routeTable:RouteTable': RouteTableArgs;
  'aws:ec2/routeTableAssociation:RouteTableAssociation': RouteTableAssociationArgs;
  'aws:ec2/securityGroup:SecurityGroup': SecurityGroupArgs;
  'aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission': SnapshotCreateVolumePermissionArgs;
  'aws:ec2/subnet:Subnet': SubnetArgs;
  'aws:ec2/vpc:Vpc': VpcArgs;
  'aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion': VpcBlockPublicAccessExclusionArgs;
  'aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions': VpcBlockPublicAccessOptionsArgs;
  'aws:ec2/vpcEndpoint:VpcEndpoint': VpcEndpointArgs;
  'aws:ec2/vpcPeeringConnection:VpcPeeringConnection': VpcPeeringConnectionArgs;
  'aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter': VpcPeeringConnectionAccepterArgs;
  'aws:ec2/vpnConnection:VpnConnection': VpnConnectionArgs;
  'aws:ec2/vpnGateway:VpnGateway': VpnGatewayArgs;
  'aws:ec2transitgateway/vpcAttachment:VpcAttachment': VpcAttachmentArgs;
  'aws:ecr/repository:Repository': RepositoryArgs;
  'aws:ecr/repositoryPolicy:RepositoryPolicy': RepositoryPolicyArgs;
  'aws:glue/catalogDatabase:CatalogDatabase': CatalogDatabaseArgs;
  'aws:glue/resourcePolicy:ResourcePolicy': ResourcePolicyArgs;
  'aws:iam/role:Role': RoleArgs;
  'aws:iam/rolePolicy:RolePolicy': RolePolicyArgs;
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': FirehoseDeliveryStreamArgs;
  'aws:kms/grant:Grant': GrantArgs;
  'aws:kms/key:Key': KeyArgs;
  'aws:lambda/function:Function': FunctionArgs;
  'aws:lambda/functionUrl:FunctionUrl': FunctionUrlArgs;
  'aws:lambda/permission:Permission': PermissionArgs;
  'aws:lb/loadBalancer:LoadBalancer': LoadBalancerArgs;
  'aws:ram/principalAssociation:PrincipalAssociation': PrincipalAssociationArgs;
  'aws:ram/resourceAssociation:ResourceAssociation': ResourceAssociationArgs;
  'aws:ram/resourceShare:ResourceShare': ResourceShareArgs;
  'aws:rds/cluster:Cluster': ClusterArgs;
  'aws:rds/clusterSnapshot:ClusterSnapshot': ClusterSnapshotArgs;
  'aws:rds/subnetGroup:SubnetGroup': SubnetGroupArgs;
  'aws:redshiftserverless/namespace:Namespace': NamespaceArgs;
  'aws:redshiftserverless/workgroup:Workgroup': WorkgroupArgs;
  'aws:route53/resolverEndpoint:ResolverEndpoint': ResolverEndpointArgs;
  'aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList': ResolverFirewallDomainListArgs;
  'aws:route53/resolverFirewallRule:ResolverFirewallRule': ResolverFirewallRuleArgs;
  'aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup': ResolverFirewallRuleGroupArgs;
  'aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation': ResolverFirewallRuleGroupAssociationArgs;
  'aws:route53/resolverRule:ResolverRule': ResolverRuleArgs;
  'aws:route53/resolverRuleAssociation:ResolverRuleAssociation': ResolverRuleAssociationArgs;
  'aws:s3/accessPoint:AccessPoint': AccessPointArgs;
  'aws:s3/bucket:Bucket': BucketArgs;
  'aws:s3/bucketNotification:BucketNotification': BucketNotificationArgs;
  'aws:s3/bucketPolicy:BucketPolicy': BucketPolicyArgs;
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': BucketPublicAccessBlockArgs;
  'aws:s3/bucketReplicationConfig:BucketReplicationConfig': BucketReplicationConfigArgs;
  'aws:secretsmanager/secret:Secret': SecretArgs;
  'aws:secretsmanager/secretPolicy:SecretPolicy': SecretPolicyArgs;
  'aws:sns/topic:Topic': TopicArgs;
  'aws:sns/topicPolicy:TopicPolicy': TopicPolicyArgs;
  'aws:sns/topicSubscription:TopicSubscription': TopicSubscriptionArgs;
  'aws:sqs/queue:Queue': QueueArgs;
  'aws:sqs/queuePolicy:QueuePolicy': QueuePolicyArgs;
  'aws:ec2/instance:Instance': InstanceArgs;
  'aws:ec2/networkInterface:NetworkInterface': NetworkInterfaceArgs;
  'aws:emrserverless/application:Application': ApplicationArgs;
  'aws:iam/instanceProfile:InstanceProfile': InstanceProfileArgs;
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': RolePolicyAttachmentArgs;
  'aws:lakeformation/dataLakeSettings:DataLakeSettings': DataLakeSettingsArgs;
  'aws:rds/clusterRoleAssociation:ClusterRoleAssociation': ClusterRoleAssociationArgs;
  'aws:redshiftdata/statement:Statement': SqlStatementArgs;
  'aws:redshiftserverless/endpointAccess:EndpointAccess': EndpointAccessArgs;
  'aws:s3/bucketAcl:BucketAcl': BucketAclArgs;
  'aws:scheduler/schedule:Schedule': ScheduleArgs;
  'aws:sfn/stateMachine:StateMachine': StateMachineArgs;
  'aws:sqs/redrivePolicy:RedrivePolicy': RedrivePolicyArgs;
  'aws:transfer/server:Server': ServerArgs;
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': SecurityGroupEgressRuleArgs;
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': SecurityGroupIngressRuleArgs;
}

export type AwsType = keyof AwsInputs;
