import assert from 'node:assert/strict';
import { kmsSpecs } from '../../adapters/aws/kms-key-versions';
import { LakeComponent } from '../../components/core/lake-component';
import { type AwsKeyRingArgs, awsKeyRing } from '../../components/key-ring/aws';
import { awsKeySpecOf } from '../../components/key-ring/aws-key-specs';
import { lambdaManifests } from '../../functions/hosts/aws-lambda/manifests';
import { identityManifest } from '../../functions/identity/manifest';
import { ingestManifest } from '../../functions/ingest/manifest';
import { keyNames, keyUses, type Manifest } from '../../functions/manifest';
import { kindOf, type Mode, modes, only, type Recorded, record } from '../support/pulumi-mocks';
import { account, countsOf, place, policyOf, undefinedTexts } from './aws-account';

class Probe extends LakeComponent {
  constructor(args: Partial<AwsKeyRingArgs>) {
    super('key-ring', 'KeyRing', 'keys');
    awsKeyRing(this, 'keys', { target: account(), manifests: lambdaManifests, ...args });
  }
}

const reader = 'arn:aws:iam::123456789012:role/lake-test-warehouse';

const deploy = (mode: Mode, args: Partial<AwsKeyRingArgs> = {}) => record(mode, () => void new Probe(args));
const roleArn = ({ name }: Manifest): string => `arn:aws:iam::123456789012:role/lake-test-${name}`;

/** Who may still make a cryptographic call when every role is let to it: those that no Deny meets. */
function undenied(
  policy: ReturnType<typeof policyOf>,
  action: string,
  principals: readonly string[],
): readonly string[] {
  const denies = policy.Statement.filter(({ Effect, Action }) => Effect === 'Deny' && [Action].flat().includes(action));
  return principals.filter((principal) =>
    denies.every(({ Condition }) => [Condition?.ArnNotEquals?.['aws:PrincipalArn'] ?? []].flat().includes(principal)),
  );
}

for (const mode of modes) {
  describe(`Keys on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode);
    });

    it('are made of these parts, all of them kept', () => {
      assert.deepEqual(countsOf(recorded), {
        'aws:kms:Alias': 29,
        'aws:kms:Key': 24,
        'lake:key-ring:KeyRing': 1,
        'pulumi:providers:aws': 1,
      });
      for (const { name, inputs, protect } of recorded.filter((one) => kindOf(one) === 'Key')) {
        assert.equal(inputs.deletionWindowInDays, 30, name);
        assert.equal(protect, true, name);
        const rotates = !/key-(identity|audit|issuer)/.test(name);
        assert.equal(inputs.enableKeyRotation, rotates ? true : undefined, name);
        assert.equal(inputs.rotationPeriodInDays, rotates ? 365 : undefined, name);
      }
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('have the policies while planning, as they name no resource that is not there', () => {
      for (const { name, inputs } of recorded.filter((one) => kindOf(one) === 'Key')) {
        const { Statement } = policyOf(inputs.policy);
        assert.ok(Statement.length >= 3, name);
        for (const { Action, Effect, Principal, Condition } of Statement) {
          assert.ok(![Action].flat().some((action) => action.includes('*')), name);
          if (Effect === 'Allow') assert.notEqual(Principal, '*', name);
          if (Effect === 'Allow' && [Action].flat().includes('kms:Decrypt')) assert.ok(Condition, name);
        }
      }
    });
  });
}

describe('A key of the lake on AWS', () => {
  let recorded: readonly Recorded[];
  before(async () => {
    const storeUsers = { marts: { readers: [reader], writers: [] } };
    recorded = await deploy('apply', { versions: { identity: 2 }, storeUsers });
  });

  it('is made as the adapter expects it, and found where it looks', async () => {
    for (const key of keyNames) {
      const { customerMasterKeySpec, keyUsage } = awsKeySpecOf(key);
      assert.deepEqual({ KeySpec: customerMasterKeySpec, KeyUsage: keyUsage }, kmsSpecs[keyUses[key]]);
    }
    assert.equal(only(recorded, 'keys-key-identity-2-alias').inputs.name, 'alias/lake-test/identity/2');
    assert.equal(only(recorded, 'keys-key-identity-alias').inputs.name, 'alias/lake-test/identity/1');
    const newest = only(recorded, 'keys-newest-identity-alias').inputs;
    assert.equal(newest.name, 'alias/lake-test/identity');
    assert.equal(newest.targetKeyId, only(recorded, 'keys-key-identity-2-alias').inputs.targetKeyId);
    assert.notEqual(newest.targetKeyId, only(recorded, 'keys-key-identity-alias').inputs.targetKeyId);
    await assert.rejects(deploy('apply', { versions: { landing: 2 } }), /versions\.landing/);
    await assert.rejects(deploy('apply', { versions: { identity: 0 } }), /versions\.identity/);
  });

  it('opens identity for the functions of identity alone: no administrator, no deployer, no ingest', () => {
    const policy = policyOf(only(recorded, 'keys-key-identity').inputs.policy);
    const people = ['arn:aws:iam::123456789012:role/administrator', ...place.deployers, ...place.breakGlass];
    const everyone = [...lambdaManifests.map(roleArn), ...people];
    const allowed = undenied(policy, 'kms:Decrypt', everyone);
    assert.ok(allowed.includes(roleArn(identityManifest)));
    assert.ok(!allowed.includes(roleArn(ingestManifest)));
    for (const role of allowed) {
      const manifest = lambdaManifests.find((one) => roleArn(one) === role);
      const uses = Object.values(manifest?.uses ?? {});
      assert.ok(
        uses.some((use) => use.port === 'key' && use.key === 'identity' && use.operations.includes('unwrap' as never)),
        role,
      );
    }
    // The mutation: without its denials an administrator with kms:* in a role would be let in by nothing here, but a grant would.
    const weakened = { Statement: policy.Statement.filter(({ Effect }) => Effect === 'Allow') };
    assert.equal(undenied(weakened, 'kms:Decrypt', everyone).length, everyone.length);
  });

  it('is changed by those who deploy, and by nobody else', () => {
    for (const { name, inputs } of recorded.filter((one) => kindOf(one) === 'Key')) {
      const { Statement } = policyOf(inputs.policy);
      const denied = Statement.find(({ Sid }) => Sid === 'NobodyElseChangesIt');
      assert.ok([denied?.Action].flat().includes('kms:PutKeyPolicy'), name);
      assert.deepEqual(denied?.Condition?.ArnNotLike, {
        'aws:PrincipalArn': [...place.deployers, ...place.breakGlass],
      });
      if (/keys-(key|store)-/.test(name)) assert.ok([denied?.Action].flat().includes('kms:CreateGrant'), name);
    }
  });

  it("of a zone's bucket serves whoever the manifests let to the zone and the roles that are named, by way of S3", () => {
    const marts = policyOf(only(recorded, 'keys-store-marts').inputs.policy);
    assert.ok(undenied(marts, 'kms:Decrypt', [reader]).length === 0, 'OnlyThroughS3 meets everybody');
    const through = { Statement: marts.Statement.filter(({ Sid }) => Sid !== 'OnlyThroughS3') };
    assert.deepEqual(undenied(through, 'kms:Decrypt', [reader]), [reader]);
    assert.deepEqual(undenied(through, 'kms:GenerateDataKey', [reader]), []);
    assert.deepEqual(undenied(through, 'kms:Decrypt', [roleArn(ingestManifest)]), []);
    const [only_] = marts.Statement.filter(({ Sid }) => Sid === 'OnlyThroughS3');
    assert.deepEqual(only_?.Condition, { StringNotEqualsIfExists: { 'kms:ViaService': 's3.eu-west-2.amazonaws.com' } });
  });

  it("of a service's data is used through services, never by a principal itself", () => {
    for (const { name, inputs } of recorded.filter(
      (one) => one.name.startsWith('keys-service-') && kindOf(one) === 'Key',
    )) {
      for (const { Effect, Action, Condition } of policyOf(inputs.policy).Statement) {
        if (Effect !== 'Allow' || ![Action].flat().includes('kms:Decrypt')) continue;
        const conditions = JSON.stringify(Condition);
        assert.match(
          conditions,
          /kms:ViaService|aws:SourceAccount|aws:logs:arn|aws:scheduler:schedule:arn|aws:sns:topicArn/,
          name,
        );
      }
    }
  });

  it('of events lets EventBridge publish, which says no source account to a key, for topics of this account', () => {
    const uses = policyOf(only(recorded, 'keys-service-events').inputs.policy).Statement.filter(({ Principal }) =>
      JSON.stringify(Principal).includes('events.amazonaws.com'),
    );
    assert.deepEqual(
      uses.map(({ Action, Condition }) => [Action, Condition]),
      [
        [
          ['kms:Decrypt', 'kms:GenerateDataKey'],
          { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': 'arn:aws:sns:eu-west-2:123456789012:*' } },
        ],
      ],
    );
  });
});
