import { type AccessRequest, account } from './access-request';
import { everything } from './account-policies';
import { type AccessCase, bucketArn, type KeyArns, region, roleArn } from './manifest-cases';

/** What somebody tries, told as they would tell it. */
interface Attack extends AccessCase {
  readonly name: string;
}

const administrator = `arn:aws:iam::${account}:role/administrator`;
const deployer = `arn:aws:iam::${account}:role/lake-deploy`;
const stranger = 'arn:aws:iam::999988887777:role/somebody';

type Tried = readonly [name: string, request: Omit<AccessRequest, 'principal'>];

const denied = (principal: string, ...tried: readonly Tried[]): readonly Attack[] =>
  tried.map(([name, request]) => ({ name, principal, ...request, allowed: false }));
const granted = (principal: string, ...tried: readonly Tried[]): readonly Attack[] =>
  tried.map(([name, request]) => ({ name, principal, ...request, allowed: true }));

const object = (zone: Parameters<typeof bucketArn>[0]): string => `${bucketArn(zone)}/p/object`;
const iamRole = roleArn('identity');
const lambda = (name: string): string => `arn:aws:lambda:${region}:${account}:function:lake-test-${name}`;
const viaS3 = { 'kms:ViaService': `s3.${region}.amazonaws.com` };

/** Somebody with every right that the account can give, and what the zones say to that. */
function administrators(key: (role: string) => string): readonly Attack[] {
  const rsa = { context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } };
  return [
    ...denied(
      administrator,
      ['opens a sealed identity', { action: 'kms:Decrypt', resource: key('key-identity'), ...rsa }],
      [
        'opens a segment of landing',
        { action: 'kms:Decrypt', resource: key('key-landing'), encryptionContext: { zone: 'landing' } },
      ],
      [
        'makes tokens of NHS numbers',
        { action: 'kms:Decrypt', resource: key('key-pseudonym'), encryptionContext: { zone: 'pseudonym' } },
      ],
      [
        'signs a checkpoint of the audit',
        { action: 'kms:Sign', resource: key('key-audit'), context: { 'kms:SigningAlgorithm': 'ECDSA_SHA_384' } },
      ],
      [
        'signs a token of the issuer',
        { action: 'kms:Sign', resource: key('key-issuer'), context: { 'kms:SigningAlgorithm': 'ECDSA_SHA_384' } },
      ],
      ['lets a friend open identities by a grant', { action: 'kms:CreateGrant', resource: key('key-identity') }],
      ['writes the policy of the identity key anew', { action: 'kms:PutKeyPolicy', resource: key('key-identity') }],
      ['ends the identity key', { action: 'kms:ScheduleKeyDeletion', resource: key('key-identity') }],
      ['copies the identity key to another region', { action: 'kms:ReplicateKey', resource: key('key-identity') }],
      ['stops the landing key', { action: 'kms:DisableKey', resource: key('key-landing') }],
      ['reads an object of identity', { action: 's3:GetObject', resource: object('identity') }],
      ['reads an old version of it', { action: 's3:GetObjectVersion', resource: object('identity') }],
      ['lists identity', { action: 's3:ListBucket', resource: bucketArn('identity'), context: { 's3:prefix': '' } }],
      ['puts a forged original', { action: 's3:PutObject', resource: object('identity') }],
      ['removes versions of identity', { action: 's3:DeleteObjectVersion', resource: object('identity') }],
      [
        'writes the policy of the identity bucket anew',
        { action: 's3:PutBucketPolicy', resource: bucketArn('identity') },
      ],
      ['takes that policy away', { action: 's3:DeleteBucketPolicy', resource: bucketArn('identity') }],
      ['has identity copied elsewhere', { action: 's3:PutReplicationConfiguration', resource: bucketArn('identity') }],
      ['lets identity expire', { action: 's3:PutLifecycleConfiguration', resource: bucketArn('identity') }],
      ['opens identity to the public', { action: 's3:PutBucketPublicAccessBlock', resource: bucketArn('identity') }],
      ['ends versions of landing', { action: 's3:PutBucketVersioning', resource: bucketArn('landing') }],
      ['shortens the lock of audit', { action: 's3:PutBucketObjectLockConfiguration', resource: bucketArn('audit') }],
      ['goes past the lock of audit', { action: 's3:BypassGovernanceRetention', resource: object('audit') }],
      ['deletes an audit segment', { action: 's3:DeleteObject', resource: object('audit') }],
      [
        'reads the bucket key of identity through S3',
        { action: 'kms:Decrypt', resource: key('store-identity'), context: viaS3 },
      ],
      ['reads the bucket key of identity itself', { action: 'kms:Decrypt', resource: key('store-identity') }],
      ['opens a secret of events without SNS', { action: 'kms:Decrypt', resource: key('service-events') }],
      // What no policy of a resource can hold, the organisation's does.
      [
        'hands the role of identity to a function of theirs',
        { action: 'iam:PassRole', resource: iamRole, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      ],
      ['lets themselves take the role of identity', { action: 'iam:UpdateAssumeRolePolicy', resource: iamRole }],
      ['gives ingest another policy', { action: 'iam:PutRolePolicy', resource: roleArn('ingest') }],
      [
        'puts other code into the identity function',
        { action: 'lambda:UpdateFunctionCode', resource: lambda('identity') },
      ],
      [
        'gives the identity function an address',
        { action: 'lambda:CreateFunctionUrlConfig', resource: lambda('identity') },
      ],
      ...(
        [
          ['asks identity as marts', 'identity-requests:marts'],
          ['asks identity as nobody', 'identity-requests'],
          ['has identities erased', 'identity-erasure:erasure'],
          ['has identities made over', 'identity-key-rotation:key-rotation'],
        ] as const
      ).map(([name, asked]): Tried => [name, { action: 'lambda:InvokeFunction', resource: lambda(asked) }]),
      [
        'stops the trail',
        { action: 'cloudtrail:StopLogging', resource: `arn:aws:cloudtrail:${region}:${account}:trail/lake` },
      ],
    ),
    ...denied(
      deployer,
      ['reads an object of identity while deploying', { action: 's3:GetObject', resource: object('identity') }],
      ['opens a sealed identity while deploying', { action: 'kms:Decrypt', resource: key('key-identity'), ...rsa }],
      ['deletes landed data while deploying', { action: 's3:DeleteObject', resource: object('landing') }],
      [
        'makes a grant on the landing key',
        { action: 'kms:Decrypt', resource: key('key-landing'), encryptionContext: { zone: 'landing' } },
      ],
    ),
    ...granted(
      deployer,
      [
        'changes the policy of a bucket, as deploying does',
        { action: 's3:PutBucketPolicy', resource: bucketArn('identity') },
      ],
      ['changes the policy of a key, as deploying does', { action: 'kms:PutKeyPolicy', resource: key('key-identity') }],
      ['hands a role to Lambda, as deploying does', { action: 'iam:PassRole', resource: iamRole }],
    ),
  ];
}

/** Ingest, taken over by whoever found a hole in its code: it may put, and no more. */
function ingest(key: (role: string) => string): readonly Attack[] {
  const put = { action: 's3:PutObject', resource: object('landing') } as const;
  const interfaces = {
    action: 'ec2:CreateNetworkInterface',
    resource: `arn:aws:ec2:${region}:${account}:network-interface/*`,
  };
  return [
    ...granted(
      roleArn('ingest'),
      ['puts an object', put],
      ['puts it by the endpoint', { ...put, through: 's3' }],
      [
        'writes its log',
        {
          action: 'logs:PutLogEvents',
          resource: `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/lake-test-ingest:log-stream:1`,
        },
      ],
      ['gets its interfaces from Lambda', interfaces],
    ),
    ...denied(
      roleArn('ingest'),
      [
        'makes an interface by its own code',
        { ...interfaces, context: { 'lambda:SourceFunctionArn': lambda('ingest') } },
      ],
      ['puts from outside the network', { ...put, context: { 'aws:SourceVpce': 'vpce-elsewhere' } }],
      ['puts in the open', { ...put, context: { 'aws:SecureTransport': 'false' } }],
      ['puts by an old protocol', { ...put, context: { 's3:TlsVersion': '1.2' } }],
      [
        'puts under a key of its choice',
        { ...put, context: { 's3:x-amz-server-side-encryption-aws-kms-key-id': key('store-curated') } },
      ],
      ['puts without encryption of the zone', { ...put, context: { 's3:x-amz-server-side-encryption': 'AES256' } }],
      [
        'puts under a key it brings along',
        { ...put, context: { 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256' } },
      ],
      ['opens what it put to others', { action: 's3:PutObjectAcl', resource: object('landing') }],
      ['reads what it put', { action: 's3:GetObject', resource: object('landing') }],
      ['reads it by an old version', { action: 's3:GetObjectVersion', resource: object('landing') }],
      [
        'opens what it sealed',
        {
          action: 'kms:Decrypt',
          resource: key('key-identity'),
          context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' },
        },
      ],
      [
        'asks for a data key of another zone',
        { action: 'kms:GenerateDataKey', resource: key('key-landing'), encryptionContext: { zone: 'identity' } },
      ],
      ['lands in curated', { action: 's3:PutObject', resource: object('curated') }],
      ['lands in audit', { action: 's3:PutObject', resource: object('audit') }],
      ['takes the role of identity', { action: 'sts:AssumeRole', resource: iamRole }],
      ['invokes the identity function', { action: 'lambda:InvokeFunction', resource: lambda('identity') }],
      ['puts other code into itself', { action: 'lambda:UpdateFunctionCode', resource: lambda('ingest') }],
      ['hands on a role', { action: 'iam:PassRole', resource: iamRole }],
      [
        'reads the login of the first user',
        {
          action: 'secretsmanager:GetSecretValue',
          resource: `arn:aws:secretsmanager:${region}:${account}:secret:rds!lake`,
        },
      ],
      [
        'makes a log without retention',
        { action: 'logs:CreateLogGroup', resource: `arn:aws:logs:${region}:${account}:log-group:mine` },
      ],
      [
        'removes its log',
        {
          action: 'logs:DeleteLogGroup',
          resource: `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/lake-test-ingest`,
        },
      ],
    ),
    // Its policy was widened to everything: the zones, the boundary and the endpoint hold by themselves.
    ...denied(
      roleArn('ingest'),
      ...(
        [
          ['reads landing', { action: 's3:GetObject', resource: object('landing') }],
          ['deletes from landing', { action: 's3:DeleteObject', resource: object('landing') }],
          [
            'opens identities',
            {
              action: 'kms:Decrypt',
              resource: key('key-identity'),
              context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' },
            },
          ],
          ['hands on a role', { action: 'iam:PassRole', resource: iamRole }],
          ['puts other code into identity', { action: 'lambda:UpdateFunctionCode', resource: lambda('identity') }],
          [
            'makes an internet gateway',
            {
              action: 'ec2:CreateInternetGateway',
              resource: `arn:aws:ec2:${region}:${account}:internet-gateway/igw-1`,
            },
          ],
          [
            "writes into a stranger's bucket",
            { action: 's3:PutObject', resource: 'arn:aws:s3:::elsewhere/object', owner: '999988887777', through: 's3' },
          ],
          [
            "takes a stranger's role",
            { action: 'sts:AssumeRole', resource: stranger, owner: '999988887777', through: 'sts' },
          ],
        ] satisfies Tried[]
      ).map(([name, request]): Tried => [`with every right, ${name}`, { ...request, identity: everything }]),
    ),
  ];
}

/** Other functions, and people who are none of ours. */
function others(key: (role: string) => string): readonly Attack[] {
  const invoke = { action: 'lambda:InvokeFunction' };
  const upload = `${bucketArn('inbox')}/signed/A81001/i/upload.ndjson`;
  const signedPut = { action: 's3:PutObject', resource: upload };
  const outside = { 'aws:SourceVpce': 'vpce-elsewhere' };
  const signedOutside = { ...outside, 's3:authType': 'REST-QUERY-STRING', 's3:signatureAge': '60000' };
  return [
    ...denied(
      roleArn('ingest'),
      ['reads a signed upload', { action: 's3:GetObject', resource: upload }],
      ['puts into the inbox from outside without a signed address', { ...signedPut, context: outside }],
      [
        'signs an address that is good for hours',
        { ...signedPut, context: { ...outside, 's3:authType': 'REST-QUERY-STRING', 's3:signatureAge': '3600000' } },
      ],
      [
        'signs an address to read from outside',
        { action: 's3:GetObject', resource: `${bucketArn('inbox')}/outcomes/A81001/i/1`, context: signedOutside },
      ],
      [
        'signs an address into landing',
        { action: 's3:PutObject', resource: object('landing'), context: signedOutside },
      ],
    ),
    ...granted(roleArn('ingest'), ['signs an upload into the inbox', { ...signedPut, context: signedOutside }]),
    ...granted(roleArn('bulk-import'), ['reads a signed upload', { action: 's3:GetObject', resource: upload }]),
    ...denied(roleArn('identity'), ['reads a signed upload', { action: 's3:GetObject', resource: upload }]),
    ...denied(
      roleArn('marts'),
      ['asks as the erasure does', { ...invoke, resource: lambda('identity-requests:erasure') }],
      ['has identities erased', { ...invoke, resource: lambda('identity-erasure:erasure') }],
      ['has identities made over', { ...invoke, resource: lambda('identity-key-rotation:key-rotation') }],
      ['asks without a name', { ...invoke, resource: lambda('identity-requests') }],
      [
        "asks a stranger's function by our endpoint",
        {
          ...invoke,
          resource: `arn:aws:lambda:${region}:999988887777:function:theirs`,
          owner: '999988887777',
          identity: everything,
          through: 'lambda',
        },
      ],
      ['reads identity itself', { action: 's3:GetObject', resource: object('identity') }],
    ),
    ...denied(
      roleArn('ingest'),
      ...['identity-requests:marts', 'identity-erasure:erasure', 'identity-key-rotation:key-rotation'].map(
        (asked): Tried => [
          `with every right, invokes ${asked}`,
          { ...invoke, resource: lambda(asked), identity: everything },
        ],
      ),
    ),
    ...denied(
      roleArn('curate'),
      ['reads identity', { action: 's3:GetObject', resource: object('identity') }],
      [
        'logs in as identity',
        {
          action: 'rds-db:connect',
          resource: `arn:aws:rds-db:${region}:${account}:dbuser:cluster-IDENTITY/lake_identity`,
        },
      ],
      ['takes a landed version out', { action: 's3:DeleteObjectVersion', resource: object('landing') }],
    ),
    ...denied(
      roleArn('identity'),
      ['writes into landing', { action: 's3:PutObject', resource: object('landing') }],
      ['changes what was sealed', { action: 's3:PutObject', resource: object('identity') }],
      ['forges an audit segment', { action: 's3:PutObject', resource: object('audit') }],
    ),
    ...denied(
      roleArn('audit-sealer'),
      ['removes an audit segment', { action: 's3:DeleteObject', resource: object('audit') }],
      ['shortens its retention', { action: 's3:PutObjectRetention', resource: object('audit') }],
      [
        'signs as the issuer',
        { action: 'kms:Sign', resource: key('key-issuer'), context: { 'kms:SigningAlgorithm': 'ECDSA_SHA_384' } },
      ],
    ),
    ...denied(
      roleArn('erasure'),
      ['removes the evidence', { action: 's3:DeleteObjectVersion', resource: object('audit') }],
      ['looks at identity', { action: 's3:GetObject', resource: object('identity') }],
    ),
    ...denied(
      roleArn('backup'),
      [
        'opens a sealed identity that it copies',
        {
          action: 'kms:Decrypt',
          resource: key('key-identity'),
          context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' },
        },
      ],
      ['writes into what it copies', { action: 's3:PutObject', resource: object('landing') }],
    ),
    ...denied(
      roleArn('prepare'),
      [
        'opens the pseudonym key that it made',
        { action: 'kms:Decrypt', resource: key('key-pseudonym'), encryptionContext: { zone: 'pseudonym' } },
      ],
      ['reads landing', { action: 's3:GetObject', resource: object('landing') }],
    ),
    ...denied(
      stranger,
      ['reads landing', { action: 's3:GetObject', resource: object('landing') }],
      ['puts into the inbox', { action: 's3:PutObject', resource: object('inbox') }],
      [
        'opens a sealed identity',
        {
          action: 'kms:Decrypt',
          resource: key('key-identity'),
          context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' },
        },
      ],
      ['takes the role of ingest', { action: 'sts:AssumeRole', resource: roleArn('ingest') }],
      [
        'brings its own rights through our endpoint',
        { action: 's3:PutObject', resource: 'arn:aws:s3:::elsewhere/object', owner: '999988887777', through: 's3' },
      ],
    ),
  ];
}

/** Everything that was thought of by hand. */
export const attacks = (keys: KeyArns): readonly Attack[] => {
  const key = (role: string): string => {
    const arn = keys.get(role);
    if (arn === undefined) throw new Error(`No key ${role} was recorded.`);
    return arn;
  };
  return [...administrators(key), ...ingest(key), ...others(key)];
};
