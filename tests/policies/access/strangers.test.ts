import assert from 'node:assert/strict';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import fc from 'fast-check';
import { findPaths } from '../../../components/guardrails/reachability';
import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import { everything, type PolicyText, type StatementText } from './account-policies';

const ours = '111122223333';
const stranger = '999988887777';
const bucket = 'arn:aws:s3:::records';

/** What a request of a stranger says of itself: with an organisation or without, by an endpoint or by none, and by none of ours. */
const facts = {
  'aws:PrincipalArn': `arn:aws:iam::${stranger}:role/reader`,
  'aws:PrincipalAccount': stranger,
  'aws:PrincipalIsAWSService': 'false',
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  // What whoever asks says himself: he may say our number.
  'aws:UserAgent': ours,
};
const askers: readonly Readonly<Record<string, string>>[] = [
  { ...facts, 'aws:SourceIp': '203.0.113.9' },
  { ...facts, 'aws:SourceIp': '203.0.113.9', 'aws:PrincipalOrgID': 'o-elsewhere' },
  { ...facts, 'aws:SourceVpce': 'vpce-theirs' },
];

const one = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const account = one<string | string[]>(ours, stranger, [ours], [ours, stranger], '*');
const stringly = one(
  ...['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike'].flatMap((name) => [
    name,
    `${name}IfExists`,
    `ForAllValues:${name}`,
  ]),
);
const arnly = one('ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike', 'ArnLikeIfExists', 'ArnNotEqualsIfExists');
const condition = fc.oneof(
  fc.tuple(stringly, one('aws:PrincipalAccount', 'aws:SourceAccount', 'aws:principalaccount'), account),
  fc.tuple(stringly, one('aws:PrincipalOrgID'), one('o-elsewhere', 'o-unheard-of')),
  fc.tuple(
    arnly,
    one('aws:PrincipalArn', 'aws:SourceArn'),
    one<string | string[]>(
      `arn:aws:iam::${ours}:role/curate`,
      `arn:aws:iam::${ours}:*`,
      'arn:aws:iam::*:role/reader',
      '*',
    ),
  ),
  fc.tuple(one('Bool', 'BoolIfExists'), one('aws:SecureTransport', 'aws:PrincipalIsAWSService'), one('true', 'false')),
  fc.tuple(
    stringly,
    one('aws:SecureTransport'),
    one<string | string[]>('true', ['false', 'true'], ['false'], 't*', 'f*', '*'),
  ),
  fc.tuple(
    one('NumericLessThan', 'NumericGreaterThan'),
    one('s3:TlsVersion'),
    one<string | string[]>('1.2', '1.3', ['1.2', '1.4']),
  ),
  fc.tuple(
    one('IpAddress', 'NotIpAddress'),
    one('aws:SourceIp'),
    one<string | string[]>(['0.0.0.0/1', '128.0.0.0/1'], '192.0.2.0/24', '0.0.0.0/0'),
  ),
  fc.tuple(stringly, one('aws:UserAgent'), account),
  fc.tuple(one('Null'), one('aws:SourceAccount', 'aws:SourceVpce', 'aws:PrincipalAccount'), one('true', 'false')),
  fc.tuple(
    stringly,
    one('aws:SourceVpce'),
    one<string | string[]>('vpce-ours', 'vpce-*', ['vpce-ours', 'vpce-theirs']),
  ),
);
const conditions = fc
  .array(condition, { maxLength: 2 })
  .map((tests) =>
    Object.fromEntries(tests.map(([operator, key, value]) => [operator, { [key]: value }])),
  ) as fc.Arbitrary<Record<string, Record<string, string>>>;
const action = one<string | string[]>('s3:GetObject', 's3:Get*', 's3:*', 'S3:getobject', '*', [
  's3:ListBucket',
  's3:GetObject',
]);
const resource = one<string | string[]>('*', `${bucket}/*`, bucket, [bucket, `${bucket}/*`], `${bucket}/secret/*`);
const statement = fc
  .tuple(
    one('Allow', 'Deny'),
    one<object>(
      { Principal: '*' },
      { Principal: { AWS: '*' } },
      { Principal: { AWS: `arn:aws:iam::${stranger}:root` } },
      { Principal: { AWS: stranger } },
      { Principal: { AWS: ours } },
    ),
    fc.oneof(
      action.map((named) => ({ Action: named })),
      one({ NotAction: 's3:PutObject' }, { NotAction: ['s3:GetObject*'] }),
    ),
    fc.oneof(
      resource.map((named) => ({ Resource: named })),
      one({ NotResource: `${bucket}/secret/*` }),
    ),
    conditions,
  )
  .map(
    ([Effect, whom, what, which, Condition]) => ({ Effect, ...whom, ...what, ...which, Condition }) as StatementText,
  );
/** As people write them: denials for everybody first, then who may. */
const policies = fc.array(statement, { minLength: 1, maxLength: 4 });

const stackWith = (policy: PolicyText): readonly GraphResource[] => [
  {
    type: 'aws:s3/bucket:Bucket',
    name: 'records',
    id: 'records',
    inputs: { bucket: 'records' },
    outputs: { arn: bucket },
  },
  {
    type: 'aws:s3/bucketPolicy:BucketPolicy',
    name: 'records-policy',
    inputs: { bucket: 'records', policy: JSON.stringify(policy) },
  },
];

async function isLetIn(policy: PolicyText, context: Readonly<Record<string, string>>, at: string): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: facts['aws:PrincipalArn'],
        action: 's3:GetObject',
        resource: { resource: at, accountId: ours },
        contextVariables: context,
      },
      identityPolicies: [{ name: 'all', policy: everything }],
      serviceControlPolicies: [{ orgIdentifier: 'root', policies: [{ name: 'all', policy: everything }] }],
      resourceControlPolicies: [],
      resourcePolicy: policy,
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
  return result.overallResult === 'Allowed';
}

describe('The reachability solver beside a simulator of IAM', () => {
  it('misses no policy of a bucket that lets a stranger read', async () => {
    let letIn = 0;
    await fc.assert(
      fc.asyncProperty(policies, async (statements) => {
        const policy = { Version: '2012-10-17', Statement: statements } as PolicyText;
        const answers = await Promise.all(
          askers.flatMap((context) => ['/a', '/secret/a'].map((key) => isLetIn(policy, context, bucket + key))),
        );
        if (!answers.includes(true)) return;
        letIn++;
        const found = findPaths(stackWith(policy), { accounts: [ours] }).filter(({ steps }) =>
          steps.some(({ says }) => says.includes('allows')),
        );
        assert.ok(found.length > 0, 'the simulator lets a stranger read, the solver sees no way');
      }),
      { numRuns: Number(process.env.LAKE_STRANGER_RUNS ?? 20), seed: 9 },
    );
    assert.ok(letIn > 0, `${letIn} policies let anybody in`);
  });
});
