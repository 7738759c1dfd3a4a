import assert from 'node:assert/strict';
import { LakeComponent } from '../../components/core/lake-component';
import { type AwsObjectStoreArgs, awsObjectStore } from '../../components/object-store/aws';
import { expiryRules } from '../../components/object-store/aws-lifecycles';
import { erasureManifest } from '../../functions/erasure/manifest';
import { lambdaManifests } from '../../functions/hosts/aws-lambda/manifests';
import { ingestManifest } from '../../functions/ingest/manifest';
import { keyRotationManifest } from '../../functions/key-rotation/manifest';
import { type Manifest, type Zone, zones } from '../../functions/manifest';
import { landingCollectorManifest } from '../../functions/orphans/manifest';
import { kindOf, type Mode, modes, only, type Recorded, record } from '../support/pulumi-mocks';
import { account, countsOf, type PolicyDocument, place, policyOf, undefinedTexts } from './aws-account';

const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/lake-test-${name}`;
const researcher = roleArn('tre-flu');
const spectrum = roleArn('warehouse');
const manifests: readonly Manifest[] = lambdaManifests;

class Probe extends LakeComponent {
  constructor(args: Partial<AwsObjectStoreArgs>) {
    super('object-store', 'ObjectStore', 'store');
    awsObjectStore(this, 'store', {
      target: account(),
      keyArns: Object.fromEntries(
        zones.map((zone) => [zone, `arn:aws:kms:eu-west-2:123456789012:key/${zone}`]),
      ) as Record<Zone, string>,
      manifests,
      endpoints: ['vpce-lake', 'vpce-tre'],
      users: { marts: { readers: [spectrum], writers: [] } },
      outside: [spectrum],
      accessPoints: [{ name: 'marts-tre', zone: 'marts', vpcId: 'vpc-tre', readers: [researcher] }],
      ...args,
    });
  }
}

const deploy = (mode: Mode, args: Partial<AwsObjectStoreArgs> = {}) => record(mode, () => void new Probe(args));
const policyIn = (recorded: readonly Recorded[], zone: Zone): PolicyDocument =>
  policyOf(only(recorded, `store-${zone}-policy`).inputs.policy);

/** Who is met by no denial of this call on an object that names roles. */
const undenied = ({ Statement }: PolicyDocument, call: string, roles: readonly string[]): readonly string[] =>
  roles.filter((role) =>
    Statement.every(({ Sid, Effect, Action, Condition }) => {
      if (Effect !== 'Deny' || !Sid?.startsWith('OnlyObjects') || ![Action].flat().includes(call)) return true;
      return [Condition?.ArnNotEquals?.['aws:PrincipalArn'] ?? []].flat().includes(role);
    }),
  );

interface LifecycleRule {
  readonly id: string;
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
  readonly expiration?: { readonly days?: number };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
  readonly transitions?: readonly object[];
}
const rulesOf = (recorded: readonly Recorded[], zone: string) =>
  only(recorded, `store-${zone}-lifecycle`).inputs.rules as readonly LifecycleRule[];

for (const mode of modes) {
  describe(`Buckets on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode);
    });

    it('are made of these parts', () => {
      assert.deepEqual(countsOf(recorded), {
        'aws:s3:AccessPoint': 1,
        'aws:s3:AccountPublicAccessBlock': 1,
        'aws:s3:Bucket': 8,
        'aws:s3:BucketLifecycleConfiguration': 8,
        'aws:s3:BucketObjectLockConfiguration': 1,
        'aws:s3:BucketOwnershipControls': 8,
        'aws:s3:BucketPolicy': 8,
        'aws:s3:BucketPublicAccessBlock': 8,
        'aws:s3:BucketServerSideEncryptionConfiguration': 8,
        'aws:s3:BucketVersioning': 8,
        'lake:object-store:ObjectStore': 1,
        'pulumi:providers:aws': 1,
      });
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('are kept, versioned, encrypted with their own keys, and closed to the public', () => {
      for (const zone of zones) {
        const { inputs, protect } = only(recorded, `store-${zone}`);
        assert.equal(protect, true, zone);
        assert.equal(inputs.bucketNamespace, 'account-regional');
        assert.equal(inputs.forceDestroy, false);
        assert.equal(inputs.objectLockEnabled, zone === 'audit' ? true : undefined, zone);
        assert.deepEqual(only(recorded, `store-${zone}-versions`).inputs.versioningConfiguration, {
          status: 'Enabled',
        });
        const [rule] = only(recorded, `store-${zone}-encryption`).inputs.rules as readonly object[];
        assert.deepEqual(rule, {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: 'aws:kms',
            kmsMasterKeyId: `arn:aws:kms:eu-west-2:123456789012:key/${zone}`,
          },
          bucketKeyEnabled: true,
          blockedEncryptionTypes: ['SSE-C'],
        });
      }
      for (const { inputs } of recorded.filter((one) => kindOf(one) === 'BucketOwnershipControls'))
        assert.deepEqual(inputs.rule, { objectOwnership: 'BucketOwnerEnforced' });
      const blocks = recorded.filter((one) => /PublicAccessBlock$/.test(one.type));
      assert.equal(blocks.length, 9);
      for (const { inputs } of blocks)
        for (const flag of ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'])
          assert.equal(inputs[flag], true);
    });

    it('lock audit and nothing else', () => {
      const locks = recorded.filter((one) => kindOf(one) === 'BucketObjectLockConfiguration');
      assert.deepEqual(
        locks.map(({ name, inputs, protect }) => ({ name, rule: inputs.rule, protect })),
        [
          {
            name: 'store-audit-lock',
            rule: { defaultRetention: { mode: 'COMPLIANCE', days: 3653 } },
            protect: true,
          },
        ],
      );
    });

    it('end uploads that never ended, and never expire what is landed by age alone', () => {
      for (const zone of zones) {
        const rules = rulesOf(recorded, zone);
        assert.deepEqual(
          rules.flatMap(({ abortIncompleteMultipartUpload: ended }) => ended?.daysAfterInitiation ?? []),
          [zone === 'inbox' ? 1 : 7],
          zone,
        );
        const expiring = rules.filter(({ expiration }) => expiration?.days !== undefined).map(({ id }) => id);
        assert.deepEqual(expiring, zone === 'inbox' ? ['uploads'] : [], zone);
      }
    });

    it('tier what is read seldom where reads stay immediate, archive the audit, and keep earlier versions for a month', () => {
      for (const zone of zones) {
        const rules = rulesOf(recorded, zone);
        const isAudit = zone === 'audit' || zone === 'witness';
        const tiers = isAudit
          ? [{ days: 90, storageClass: 'GLACIER_IR' }]
          : zone === 'inbox'
            ? []
            : [{ days: 30, storageClass: 'INTELLIGENT_TIERING' }];
        assert.deepEqual(
          rules.flatMap(({ transitions = [] }) => transitions),
          tiers,
          zone,
        );
        assert.deepEqual(
          rules.flatMap(({ noncurrentVersionExpiration: ended }) => ended?.noncurrentDays ?? []),
          isAudit ? [] : [zone === 'inbox' ? 1 : 35],
          zone,
        );
      }
    });
  });
}

describe('The policy of a zone on AWS', () => {
  let recorded: readonly Recorded[];
  before(async () => {
    recorded = await deploy('apply', { retention: { gp: 3650 }, providers: ['surgery'] });
  });
  const administrator = roleArn('administrator');
  const everyone = [...manifests.map(({ name }) => roleArn(name)), administrator, researcher, spectrum];

  it('grants nothing and stays within what S3 takes', () => {
    for (const zone of zones) {
      const text = String(only(recorded, `store-${zone}-policy`).inputs.policy);
      assert.ok(Buffer.byteLength(text) < 20_480, `${zone}: ${Buffer.byteLength(text)} bytes`);
      for (const { Effect } of policyOf(text).Statement) assert.equal(Effect, 'Deny');
      const sids = policyOf(text).Statement.map(({ Sid }) => Sid);
      assert.equal(new Set(sids).size, sids.length);
      for (const sid of [
        'NoOpenConnection',
        'NoOldConnection',
        'NoOtherAccount',
        'OnlyThroughEndpoints',
        'LooksThroughEndpoints',
        'NobodyElseChangesIt',
      ])
        assert.ok(sids.includes(sid), `${zone}: ${sid}`);
    }
  });

  it('lets ingest put into landing and identity and read neither', () => {
    for (const zone of ['landing', 'identity'] as const) {
      const policy = policyIn(recorded, zone);
      const ingest = roleArn(ingestManifest.name);
      assert.deepEqual(undenied(policy, 's3:PutObject', [ingest]), [ingest]);
      assert.deepEqual(undenied(policy, 's3:GetObject', [ingest]), []);
      assert.deepEqual(undenied(policy, 's3:GetObject', [administrator]), [], 'an administrator');
    }
  });

  it('lets only functions that declare it delete: of landing the erasure, and who collects what no commit recorded', () => {
    const landing = policyIn(recorded, 'landing');
    const deleting = [erasureManifest, landingCollectorManifest].map(({ name }) => roleArn(name));
    // What a rotation made over leaves no earlier version behind.
    const purging = [...deleting, roleArn(keyRotationManifest.name)].sort();
    assert.deepEqual(undenied(landing, 's3:DeleteObjectVersion', everyone), purging);
    assert.deepEqual(undenied(landing, 's3:DeleteObject', everyone), deleting);
    for (const zone of ['audit', 'witness'] as const)
      assert.deepEqual(undenied(policyIn(recorded, zone), 's3:DeleteObject', everyone), [], zone);
    // The mutation: a statement taken out lets in everybody.
    const { Statement } = landing;
    const weakened = {
      Statement: Statement.filter(({ Action }) => ![Action].flat().includes('s3:DeleteObjectVersion')),
    };
    assert.equal(undenied(weakened, 's3:DeleteObjectVersion', everyone).length, everyone.length);
  });

  it('lets those who deploy look whether a bucket is there, from outside, and touch no object', () => {
    for (const zone of zones) {
      const { Statement } = policyIn(recorded, zone);
      const denied = (call: string, { role, inside }: { readonly role: string; readonly inside: boolean }) =>
        Statement.some(({ Action, Condition = {}, Sid = '' }) => {
          const { StringNotEqualsIfExists: elsewhere, ArnNotEquals: others, ...rest } = Condition;
          const names = Object.values(rest).flatMap((one) => Object.keys(one));
          // What is left speaks of encryption, connections, accounts and of who changes a bucket.
          if (names.some((one) => !['aws:ViaAWSService'].includes(one)) || Sid.startsWith('OnlyPart')) return false;
          if (![Action].flat().includes(call) || (elsewhere !== undefined && inside)) return false;
          return !([others?.['aws:PrincipalArn'] ?? []].flat() as readonly string[]).includes(role);
        });
      const [deployer = ''] = place.deployers;
      // The provider reads a bucket by HeadBucket, which is s3:ListBucket: at every refresh, and when a tag changes.
      assert.equal(denied('s3:ListBucket', { role: deployer, inside: false }), false, zone);
      for (const call of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucketVersions'])
        assert.equal(denied(call, { role: deployer, inside: true }), true, `${zone} ${call}`);
      assert.equal(denied('s3:ListBucket', { role: administrator, inside: true }), true, zone);
    }
  });

  it('takes signed uploads into the inbox alone, by young signatures, and reads of nobody from outside', () => {
    for (const zone of zones) {
      const { Statement } = policyIn(recorded, zone);
      const ways = Statement.find(({ Sid }) => Sid === 'OnlyThroughEndpoints');
      assert.equal([ways?.Action].flat().includes('s3:PutObject'), zone !== 'inbox', zone);
      assert.ok([ways?.Action].flat().includes('s3:GetObject'), zone);
      assert.deepEqual(ways?.Condition?.StringNotEqualsIfExists, { 'aws:SourceVpce': ['vpce-lake', 'vpce-tre'] });
      assert.deepEqual(ways?.Condition?.ArnNotEquals, { 'aws:PrincipalArn': [spectrum] });
      const old = Statement.find(({ Sid }) => Sid === 'NoOldConnection');
      assert.deepEqual(old?.Condition, { NumericLessThan: { 's3:TlsVersion': '1.3' } });
      const young = Statement.find(({ Sid }) => Sid === 'OnlyYoungSignatures')?.Condition;
      if (zone === 'inbox') assert.deepEqual(young, { NumericGreaterThan: { 's3:signatureAge': '900000' } });
      const signed = Statement.filter(({ Sid }) => Sid === 'OutsideOnlySigned' || Sid === 'OnlyYoungSignatures');
      assert.equal(signed.length, zone === 'inbox' ? 2 : 0, zone);
    }
  });

  it('lets researchers read marts through their access point in their own network, and write nothing', () => {
    const { inputs } = only(recorded, 'store-access-marts-tre');
    assert.deepEqual(inputs.vpcConfiguration, { vpcId: 'vpc-tre' });
    const { Statement } = policyOf(inputs.policy);
    assert.deepEqual(
      Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Action, Resource }) => [Action, Resource]),
      [
        [['s3:GetObject'], 'arn:aws:s3:eu-west-2:123456789012:accesspoint/lake-test-marts-tre/object/*'],
        [['s3:ListBucket'], 'arn:aws:s3:eu-west-2:123456789012:accesspoint/lake-test-marts-tre'],
      ],
    );
    for (const zone of zones)
      assert.deepEqual(
        undenied(policyIn(recorded, zone), 's3:GetObject', [researcher]),
        zone === 'marts' ? [researcher] : [],
        zone,
      );
    assert.deepEqual(undenied(policyIn(recorded, 'marts'), 's3:PutObject', [researcher]), []);
  });

  it('expires a class of records only where the stack says for how long it is kept', () => {
    const rules = only(recorded, 'store-landing-lifecycle').inputs.rules as readonly { readonly id: string }[];
    assert.deepEqual(
      rules.find(({ id }) => id === 'surgery-gp'),
      {
        id: 'surgery-gp',
        status: 'Enabled',
        filter: { prefix: 'surgery/gp/' },
        expiration: { days: 3650 },
      },
    );
    const many = Array.from({ length: 999 }, (_, index) => `p${index}`);
    assert.throws(() => expiryRules(many, { gp: 1 }), /thousand rules/);
  });
});
