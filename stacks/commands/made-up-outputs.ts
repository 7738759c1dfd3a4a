import { createHash } from 'node:crypto';

/** What a provider would answer when it has made a resource. */
export interface MadeUp {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

type Inputs = Readonly<Record<string, unknown>>;

/** Where a provider makes things. */
export interface MadeUpPlace {
  readonly account: string;
  readonly region: string;
}

/** Where nothing says otherwise: the account of AWS's own examples. */
export const madeUpAccount = '123456789012';
const examplePlace: MadeUpPlace = { account: madeUpAccount, region: 'eu-west-2' };

/** Account and region as the inputs of an explicit provider of AWS name them; it gets its lists as JSON. */
export function placeOfProvider(inputs: Inputs): MadeUpPlace {
  const listed =
    typeof inputs.allowedAccountIds === 'string' ? JSON.parse(inputs.allowedAccountIds) : inputs.allowedAccountIds;
  const account = Array.isArray(listed) ? text(listed[0]) : undefined;
  return { account: account ?? examplePlace.account, region: text(inputs.region) ?? examplePlace.region };
}

/** The digits that EC2 ends its ids in. */
const digits = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 17);
/** The form of a UUID, as KMS names its keys. */
const uuid = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Ids that EC2 gives, by the last part of the type. */
const ec2Prefixes: Readonly<Record<string, string>> = {
  ClientVpnEndpoint: 'cvpn-endpoint',
  CustomerGateway: 'cgw',
  DefaultSecurityGroup: 'sg',
  EgressOnlyInternetGateway: 'eigw',
  Eip: 'eipalloc',
  Endpoint: 'cvpn-endpoint',
  FlowLog: 'fl',
  InternetGateway: 'igw',
  ManagedPrefixList: 'pl',
  NatGateway: 'nat',
  NetworkAcl: 'acl',
  NetworkInterface: 'eni',
  RouteTable: 'rtb',
  SecurityGroup: 'sg',
  SecurityGroupEgressRule: 'sgr',
  SecurityGroupIngressRule: 'sgr',
  Subnet: 'subnet',
  Vpc: 'vpc',
  VpcEndpoint: 'vpce',
  VpcPeeringConnection: 'pcx',
  VpnConnection: 'vpn',
  VpnGateway: 'vgw',
};

/** Services whose part of an ARN is not Pulumi's name of the module. */
const arnServices: Readonly<Record<string, string>> = {
  cloudwatch: 'logs',
  cfg: 'config',
  ec2clientvpn: 'ec2',
  emrserverless: 'emr-serverless',
  lb: 'elasticloadbalancing',
  redshiftserverless: 'redshift-serverless',
  sfn: 'states',
  vpc: 'ec2',
};

/**
 * Identifiers of the form that each service gives, computed from the name in the program: the same every time, so that two
 * recordings can be compared, and of the right shape, so that policies and routes that hold them can be evaluated. No service
 * was asked. (Forms: AWS Service Authorization Reference, "Resource types defined by" each service.)
 */
export function madeUpOutputs(type: string, name: string, inputs: Inputs, place: MadeUpPlace = examplePlace): MadeUp {
  const found = /^aws:([^/:]+)\/?[^:]*:(\w+)$/.exec(type);
  if (found === null) return { id: `${name}-id`, outputs: {} };
  const [, module = '', kind = ''] = found;
  const { account } = place;
  const home = text(inputs.region) ?? place.region;
  const called = text(inputs.name) ?? text(inputs.bucket) ?? name;
  const arn = (service: string, rest: string, at = home): string => `arn:aws:${service}:${at}:${account}:${rest}`;
  const special = specials[`${module}:${kind}`]?.({ name, called, home, account, arn, inputs });
  if (special !== undefined) return special;
  const prefix = ['ec2', 'vpc', 'ec2clientvpn'].includes(module) ? ec2Prefixes[kind] : undefined;
  if (prefix !== undefined) {
    const id = `${prefix}-${digits(name)}`;
    return { id, outputs: { arn: arn('ec2', `${dashed(kind)}/${id}`), ...ec2Outputs(id, home, account) } };
  }
  return {
    id: called,
    outputs: { name: called, arn: arn(arnServices[module] ?? module, `${dashed(kind)}/${called}`) },
  };
}

const dashed = (kind: string): string => kind.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/** What is read of a VPC, an endpoint, an address, whatever it is: names that no other kind gives another meaning. */
const ec2Outputs = (id: string, home: string, account: string): Inputs => ({
  defaultNetworkAclId: `acl-${digits(`${id} default`)}`,
  defaultRouteTableId: `rtb-${digits(`${id} default`)}`,
  mainRouteTableId: `rtb-${digits(`${id} default`)}`,
  prefixListId: `pl-${digits(id)}`,
  networkInterfaceIds: [`eni-${digits(`${id} 0`)}`],
  dnsEntries: [{ dnsName: `${id}.vpce.${home}.vpce.amazonaws.com`, hostedZoneId: 'Z7K1066E3PUKB' }],
  ownerId: account,
});

interface Asked {
  readonly name: string;
  /** Its name in the cloud. */
  readonly called: string;
  readonly home: string;
  readonly account: string;
  readonly arn: (service: string, rest: string, at?: string) => string;
  readonly inputs: Inputs;
}

const byName =
  (service: string, of: (called: string) => string, further: (asked: Asked, arn: string) => Inputs = () => ({})) =>
  (asked: Asked): MadeUp => {
    const arn = asked.arn(service, of(asked.called));
    return { id: asked.called, outputs: { name: asked.called, arn, ...further(asked, arn) } };
  };

/** IAM is global: its ARNs name no region. */
const iam =
  (kind: string) =>
  ({ called, arn }: Asked): MadeUp => {
    const path = arn('iam', `${kind}/${called}`, '');
    return { id: kind === 'policy' ? path : called, outputs: { name: called, arn: path, uniqueId: digits(called) } };
  };

const specials: Readonly<Record<string, (asked: Asked) => MadeUp>> = {
  'apigateway:RestApi': ({ name, home, arn }) => {
    const id = digits(name).slice(0, 10);
    const outputs = {
      arn: `arn:aws:apigateway:${home}::/restapis/${id}`,
      executionArn: arn('execute-api', id),
      rootResourceId: digits(`${name} root`).slice(0, 10),
    };
    return { id, outputs };
  },
  'apigateway:Stage': ({ called, home, inputs }) => {
    const id = `${String(inputs.restApi)}-${String(inputs.stageName ?? called)}`;
    const arn = `arn:aws:apigateway:${home}::/restapis/${String(inputs.restApi)}/stages/${String(inputs.stageName)}`;
    const invokeUrl = `https://${String(inputs.restApi)}.execute-api.${home}.amazonaws.com/${String(inputs.stageName)}`;
    return { id, outputs: { arn, invokeUrl, executionArn: `${String(inputs.restApi)}/${String(inputs.stageName)}` } };
  },
  'apigateway:DomainName': ({ called, home, inputs }) => ({
    id: String(inputs.domainName ?? called),
    outputs: {
      arn: `arn:aws:apigateway:${home}::/domainnames/${String(inputs.domainName ?? called)}`,
      regionalDomainName: `d-${digits(called).slice(0, 10)}.execute-api.${home}.amazonaws.com`,
      regionalZoneId: 'ZJ5UAJN8Y3Z2Q',
    },
  }),
  'backup:Vault': byName('backup', (called) => `backup-vault:${called}`),
  'cloudwatch:EventBus': byName('events', (called) => `event-bus/${called}`),
  'cloudwatch:EventRule': byName('events', (called) => `rule/${called}`),
  'cloudwatch:LogGroup': byName('logs', (called) => `log-group:${called}`),
  'cloudwatch:MetricAlarm': byName('cloudwatch', (called) => `alarm:${called}`),
  'cloudtrail:Trail': byName('cloudtrail', (called) => `trail/${called}`),
  'cognito:UserPool': ({ name, home, arn }) => {
    const id = `${home}_${digits(name).slice(0, 9)}`;
    return {
      id,
      outputs: { arn: arn('cognito-idp', `userpool/${id}`), endpoint: `cognito-idp.${home}.amazonaws.com/${id}` },
    };
  },
  'cognito:UserPoolClient': ({ name }) => ({ id: digits(name), outputs: { clientSecret: digits(`${name} secret`) } }),
  // The one service whose resources begin with a slash.
  'emrserverless:Application': ({ name, arn }) => {
    const id = `00f${digits(name).slice(0, 13)}`;
    return { id, outputs: { arn: arn('emr-serverless', `/applications/${id}`) } };
  },
  'glue:CatalogDatabase': byName('glue', (called) => `database/${called}`),
  'iam:Group': iam('group'),
  'iam:InstanceProfile': iam('instance-profile'),
  'iam:OpenIdConnectProvider': iam('oidc-provider'),
  'iam:Policy': iam('policy'),
  'iam:Role': iam('role'),
  'iam:SamlProvider': iam('saml-provider'),
  'iam:User': iam('user'),
  'kms:Alias': byName('kms', (called) => called),
  'kms:Key': ({ name, arn }) => ({
    id: uuid(name),
    outputs: { keyId: uuid(name), arn: arn('kms', `key/${uuid(name)}`) },
  }),
  'lambda:Function': byName(
    'lambda',
    (called) => `function:${called}`,
    ({ home }, arn) => ({
      invokeArn: `arn:aws:apigateway:${home}:lambda:path/2015-03-31/functions/${arn}/invocations`,
      qualifiedArn: `${arn}:1`,
      version: '1',
    }),
  ),
  'redshiftserverless:Namespace': ({ name, called, arn, inputs }) => {
    const namespace = text(inputs.namespaceName) ?? called;
    const adminPasswordSecretArn = arn(
      'secretsmanager',
      `secret:redshift!${namespace}-${digits(namespace).slice(0, 6)}`,
    );
    return {
      id: namespace,
      outputs: { arn: arn('redshift-serverless', `namespace/${uuid(name)}`), adminPasswordSecretArn },
    };
  },
  'rds:Cluster': ({ name, home, arn, inputs }) => {
    const id = text(inputs.clusterIdentifier) ?? name;
    const host = digits(name).slice(0, 12);
    const outputs = {
      arn: arn('rds', `cluster:${id}`),
      clusterIdentifier: id,
      clusterResourceId: `cluster-${digits(id).toUpperCase()}`,
      endpoint: `${id}.cluster-${host}.${home}.rds.amazonaws.com`,
      readerEndpoint: `${id}.cluster-ro-${host}.${home}.rds.amazonaws.com`,
      port: inputs.port ?? 5432,
      masterUserSecrets: [
        {
          secretArn: arn('secretsmanager', `secret:rds!cluster-${uuid(id)}`),
          kmsKeyId: inputs.masterUserSecretKmsKeyId,
        },
      ],
    };
    return { id, outputs };
  },
  's3:AccessPoint': ({ called, arn }) => ({
    id: arn('s3', `accesspoint/${called}`),
    outputs: { arn: arn('s3', `accesspoint/${called}`), alias: `${called}-${digits(called)}-s3alias` },
  }),
  's3:Bucket': ({ called, home }) => ({
    id: called,
    outputs: {
      bucket: called,
      arn: `arn:aws:s3:::${called}`,
      bucketRegionalDomainName: `${called}.s3.${home}.amazonaws.com`,
      bucketDomainName: `${called}.s3.amazonaws.com`,
    },
  }),
  'secretsmanager:Secret': ({ called, arn }) => {
    const path = arn('secretsmanager', `secret:${called}-${digits(called).slice(0, 6)}`);
    return { id: path, outputs: { name: called, arn: path } };
  },
  'sfn:StateMachine': ({ called, arn }) => {
    const path = arn('states', `stateMachine:${called}`);
    return { id: path, outputs: { name: called, arn: path } };
  },
  'sns:Topic': ({ called, arn }) => ({ id: arn('sns', called), outputs: { name: called, arn: arn('sns', called) } }),
  'sqs:Queue': ({ called, home, account, arn }) => {
    const url = `https://sqs.${home}.amazonaws.com/${account}/${called}`;
    return { id: url, outputs: { name: called, url, arn: arn('sqs', called) } };
  },
};
