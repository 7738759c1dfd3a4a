import assert from 'node:assert/strict';
import { backupManifest } from '../../functions/backup/manifest';
import { zones } from '../../functions/manifest';
import { bucketPolicy } from '../../functions/manifest-bucket-policy';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { modes, only, type Recorded } from '../support/pulumi-mocks';
import { siteSettings, sourceOf } from './dev-stack';
import { deploy, type Json, policiesOf } from './recorded-lake';

const settings = {
  ...siteSettings,
  backupEndpoint: 'https://s3.elsewhere.nhs.uk',
  backupBucket: 'lake-copies',
  backupCidrs: '["192.0.2.40/32"]',
  backupCredentials: 'platform/archive',
  siteNames: JSON.stringify([...JSON.parse(siteSettings.siteNames ?? ''), 's3.elsewhere.nhs.uk=192.0.2.40']),
};
const specOf = (recorded: readonly Recorded[], name: string): Json => only(recorded, name).inputs.spec as Json;

for (const mode of modes) {
  describe(`Backups on Kubernetes, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, settings);
    });

    it('keep every change of the databases, and a whole copy at the schedule', () => {
      assert.deepEqual(specOf(recorded, 'state-database-server').plugins, [
        {
          name: 'barman-cloud.cloudnative-pg.io',
          isWALArchiver: true,
          parameters: { barmanObjectName: 'state-database-archive' },
        },
      ]);
      const scheduled = specOf(recorded, 'state-database-scheduled-backup');
      assert.equal(scheduled.schedule, '0 0 2 * * *');
      assert.deepEqual(scheduled.pluginConfiguration, { name: 'barman-cloud.cloudnative-pg.io' });
      const { configuration } = specOf(recorded, 'state-database-archive') as { configuration: Json };
      assert.equal(configuration.destinationPath, 's3://lake-copies/state-database/');
    });

    it('copy the buckets and never delete a copy', () => {
      const { jobTemplate, concurrencyPolicy } = specOf(recorded, 'backup-job') as {
        concurrencyPolicy: string;
        jobTemplate: {
          spec: { template: { spec: { containers: readonly { args: readonly string[]; env: readonly Json[] }[] } } };
        };
      };
      const [container] = jobTemplate.spec.template.spec.containers;
      assert.equal(concurrencyPolicy, 'Forbid');
      assert.deepEqual(container?.args.slice(0, 3), ['copy', 'zones:', 'archive:lake-copies/zones']);
      assert.ok(!container?.args.some((arg) => /sync|move|delete/.test(arg)));
      const upstreams = container?.env.find(({ name }) => name === 'RCLONE_CONFIG_ZONES_UPSTREAMS')?.value;
      assert.match(String(upstreams), /^landing=lake:lake-landing identity=lake:lake-identity /);
      for (const { name, value } of container?.env ?? [])
        if (/ACCESS_KEY/.test(String(name))) assert.equal(value, undefined, String(name));
    });

    it('reach the other store and nothing more', () => {
      const paths = policiesOf(recorded).filter(({ name }) => name.includes('archive'));
      assert.equal(paths.length, 2);
      for (const { spec } of paths) assert.deepEqual(spec.egress?.[0]?.to, [{ ipBlock: { cidr: '192.0.2.40/32' } }]);
    });
  });
}

describe('The login of the backup', () => {
  it('reads every zone but the inbox and what is staged, and changes none', () => {
    for (const zone of zones) {
      const { Statement } = bucketPolicy(zone, zone, [backupManifest], { backup: 'b' });
      const actions = (effect: string) =>
        Statement.flatMap(({ Effect, Action, Resource }) => (Effect === effect ? [`${Action} ${Resource}`] : []));
      const arn = `arn:aws:s3:::${zone}`;
      assert.deepEqual(
        actions('Allow'),
        zone === 'inbox' ? [] : [`s3:GetObject ${arn}/*`, `s3:ListBucket ${arn}`],
        zone,
      );
      assert.deepEqual(actions('Deny'), zone === 'marts' ? [`s3:GetObject ${arn}/staging/*`] : [], zone);
    }
  });
});

describe('A place for copies', () => {
  it('needs a bucket, credentials, ranges, an address, and https in production', () => {
    const { backupBucket, backupCredentials, backupCidrs, ...rest } = settings;
    assert.throws(
      () =>
        readConfig(
          sourceOf({ ...rest, siteNames: siteSettings.siteNames ?? '', backupEndpoint: 'http://s3.elsewhere.nhs.uk' }),
        ),
      (error: unknown) => error instanceof ConfigError && error.problems.length === 5,
    );
  });
});
