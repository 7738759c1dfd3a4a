import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { clientConfig } from '../../adapters/aws/aws-calls';
import { AwsKmsKeyManagement } from '../../adapters/aws/aws-kms-key-management';
import { keyManagementContract } from '../contract/key-management.contract';
import { keyManagementFaultsContract } from '../contract/key-management-faults.contract';
import { contractEndpoints } from './contract-endpoints';
import { KmsBesideMoto } from './kms-beside-moto';

/**
 * The contract against the KMS of an AWS emulator: LAKE_CONTRACT_AWS is its URL, user and password the access key. moto is not
 * faithful in asymmetric keys (see KmsBesideMoto), disabled keys, key policies and IAM: the first are a stand-in's, the rest
 * is not shown here.
 */
for (const { url } of contractEndpoints('KeyManagement', 'AWS KMS', 'LAKE_CONTRACT_AWS')) {
  const credentials = {
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
  };
  const started = async () => {
    const front = new KmsBesideMoto(url.origin);
    const origin = await front.listen();
    const client = new KMSClient({ endpoint: origin, region: 'eu-west-2', credentials });
    const prefix = `lake-${randomBytes(5).toString('hex')}`;
    const stop = async (): Promise<void> => {
      client.destroy();
      await front.close();
    };
    return { origin, client, prefix, keys: new AwsKmsKeyManagement(client, prefix), stop };
  };

  const name = 'AWS KMS (moto, asymmetric keys beside it)';
  const withKeys = async () => {
    const at = await started();
    await at.keys.createKey('data', 'dataKeys');
    await at.keys.createKey('public', 'publicKeyWrap');
    await at.keys.createKey('signing', 'sign');
    await at.keys.createKey('macs', 'mac');
    return at;
  };

  keyManagementContract(name, async () => {
    const { client, prefix, keys, stop } = await withKeys();
    return { keys, reopen: async () => new AwsKmsKeyManagement(client, prefix), stop };
  });

  keyManagementFaultsContract(name, async () => {
    const { origin, prefix, stop } = await withKeys();
    const body = '{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}';
    return {
      server: new URL(origin),
      // As `openKms` opens it, with less time.
      openAt: (endpoint, answerTimeout) => {
        const config = clientConfig({ region: 'eu-west-2', endpoint });
        const requestHandler = {
          ...config.requestHandler,
          ...{ requestTimeout: answerTimeout, socketTimeout: answerTimeout },
        };
        return new AwsKmsKeyManagement(new KMSClient({ ...config, requestHandler, credentials }), prefix);
      },
      rotates: ({ headers }) => headers['x-amz-target'] === 'TrentService.UpdateAlias',
      expired: { kind: 'answer', status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body },
      stop,
    };
  });

  describe('AWS KMS', () => {
    let at: Awaited<ReturnType<typeof started>>;
    before(async () => {
      at = await started();
    });
    after(() => at.stop());

    it('counts the versions of a key that KMS does not rotate, keeps their policy, and opens what another alias took over', async () => {
      const { keys, client, prefix } = at;
      await keys.createKey('audit', 'sign');
      await keys.createKey('audit', 'sign');
      assert.equal((await keys.sign('audit', Buffer.from('x'))).version, 1);
      assert.equal(await keys.rotate('audit'), 2);
      assert.equal((await keys.sign('audit', Buffer.from('x'))).version, 2);
      assert.equal((await keys.publicKey('audit')).version, 2);
      const [first, second] = [await keys.publicKey('audit', 1), await keys.publicKey('audit', 2)];
      assert.notEqual(first.pem, second.pem);
      const policyOf = async (version: number) => {
        const alias = `alias/${prefix}/audit/${version}`;
        const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: alias }));
        return (await client.send(new GetKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, PolicyName: 'default' })))
          .Policy;
      };
      assert.equal(await policyOf(2), await policyOf(1));
      await assert.rejects(keys.publicKey('audit', 3), { code: 'NotFound' });
      await assert.rejects(keys.createKey('audit', 'mac'), { code: 'InvalidArgument' });
      await client.send(
        new UpdateAliasCommand({
          AliasName: `alias/${prefix}/audit`,
          TargetKeyId: await idOf(client, prefix, 'audit/1'),
        }),
      );
      assert.equal((await keys.sign('audit', Buffer.from('x'))).version, 1);
    });

    it('signs what is longer than KMS takes as it is', async () => {
      const { keys } = at;
      await keys.createKey('tokens', 'sign');
      const { pem } = await keys.publicKey('tokens');
      for (const length of [4096, 4097, 20_000]) {
        const bytes = randomBytes(length);
        const { bytes: signature } = await keys.sign('tokens', bytes);
        assert.ok(verify('sha384', bytes, { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' }, signature));
      }
    });

    it('gives two that rotate at once one version', async () => {
      const { keys, client, prefix } = at;
      await keys.createKey('issuer', 'sign');
      const other = new AwsKmsKeyManagement(client, prefix);
      assert.deepEqual(await Promise.all([keys.rotate('issuer'), other.rotate('issuer')]), [2, 2]);
      await assert.rejects(keys.publicKey('issuer', 3), { code: 'NotFound' });
      assert.equal((await keys.sign('issuer', Buffer.from('x'))).version, 2);
    });

    it('says Unavailable, and no more, when nobody answers', async () => {
      const client = new KMSClient({
        endpoint: 'http://127.0.0.1:9',
        region: 'eu-west-2',
        credentials,
        maxAttempts: 1,
      });
      await assert.rejects(new AwsKmsKeyManagement(client, 'lake').publicKey('audit'), { code: 'Unavailable' });
    });
  });
}

async function idOf(client: KMSClient, prefix: string, name: string): Promise<string> {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: `alias/${prefix}/${name}` }));
  return String(KeyMetadata?.KeyId);
}
