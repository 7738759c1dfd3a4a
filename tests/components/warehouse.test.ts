import assert from 'node:assert/strict';
import { hiveSite, metastoreDatabaseScript } from '../../components/catalogue/hive-configuration';
import { passwordHash } from '../../components/warehouse/password-file';
import { trinoFiles } from '../../components/warehouse/trino-configuration';
import { bucketPolicy } from '../../functions/manifest-bucket-policy';
import { readerManifests } from '../../functions/warehouse/manifest';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, fullSettings, sourceOf } from './dev-stack';
import { deploy, type Json, mebibytesOf, policiesOf, workloadsOf } from './recorded-lake';

interface Rules {
  readonly catalogs: readonly Json[];
  readonly tables: readonly {
    readonly schema: string;
    readonly catalog: string;
    readonly privileges: readonly string[];
  }[];
}
const rulesOf = (zones: Parameters<typeof trinoFiles>[0]): Rules =>
  JSON.parse(trinoFiles(zones, 1024)['rules.json'] ?? '') as Rules;
const countOf = (recorded: readonly Recorded[], component: string) => {
  const counts: Record<string, number> = {};
  for (const one of recorded.filter(({ name }) => name.startsWith(`${component}-`)))
    counts[kindOf(one)] = (counts[kindOf(one)] ?? 0) + 1;
  return counts;
};

for (const mode of modes) {
  describe(`Catalogue, warehouse and research environment, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, fullSettings);
    });

    it('are made of these parts', () => {
      assert.deepEqual(countOf(recorded, 'catalogue'), {
        ConfigMap: 1,
        Deployment: 1,
        Job: 1,
        NetworkPolicy: 3,
        Secret: 2,
        Service: 1,
        ServiceAccount: 1,
      });
      const warehouse = { Certificate: 1, ConfigMap: 2, Deployment: 1, Secret: 1, Service: 1, ServiceAccount: 1 };
      assert.deepEqual(countOf(recorded, 'warehouse'), { ...warehouse, NetworkPolicy: 1 });
      assert.deepEqual(countOf(recorded, 'research-warehouse'), { ...warehouse, NetworkPolicy: 2 });
      assert.deepEqual(countOf(recorded, 'tre'), {
        NetworkPolicy: 1,
        Secret: 2,
        Service: 2,
        ServiceAccount: 1,
        StatefulSet: 2,
      });
    });

    it('give functions that publish tables the way to the metastore, and its address with where tables lie', () => {
      const publishing = workloadsOf(recorded).filter(
        ({ name, labels }) =>
          /-(service|deployment|cron-job)$/.test(name) && labels['data-lake/may-reach-tables'] === 'yes',
      );
      assert.deepEqual(publishing.map(({ name }) => name).sort(), [
        'compaction-cron-job',
        'curate-service',
        'erasure-deployment',
        'key-rotation-deployment',
        // It reads what is published.
        'mart-sql-service',
        'marts-deployment',
      ]);
      // Not known before the servers are.
      if (mode === 'preview') return;
      const variables = publishing[0]?.spec.containers[0]?.env as readonly { name: string; value: string }[];
      const { catalogue } = JSON.parse(variables.find(({ name }) => name === 'LAKE_BINDING')?.value ?? '{}') as Json;
      assert.deepEqual(Object.keys(catalogue as Json).sort(), ['curated', 'host', 'kind', 'marts', 'port']);
      const { kind, host, curated, marts } = catalogue as Record<string, string>;
      assert.match(`${kind} ${host} ${curated} ${marts}`, /^hive hive-metastore\..+ s3:\/\/.*curated s3:\/\/.*marts$/);
    });

    it('let a workspace reach the warehouse of the marts, and nothing else', () => {
      const workspaces = workloadsOf(recorded).filter(({ name }) => name.startsWith('tre-'));
      assert.equal(workspaces.length, 2);
      for (const { labels, spec } of workspaces) {
        const reach = Object.keys(labels).filter((label) => label.startsWith('data-lake/may-reach-'));
        assert.deepEqual(reach, ['data-lake/may-reach-warehouse']);
        assert.equal(spec.automountServiceAccountToken, false);
        assert.ok(!(spec.volumes ?? []).some((volume) => 'projected' in volume), 'a token of the API server');
      }
      const out = policiesOf(recorded).filter(
        ({ spec }) => spec.podSelector.matchLabels?.['data-lake/may-reach-warehouse'] === 'yes' && spec.egress,
      );
      assert.deepEqual(
        out.map(({ name }) => name),
        ['research-warehouse-warehouse-from-tre'],
      );
      assert.deepEqual(out[0]?.spec.egress?.[0]?.to?.[0]?.podSelector, {
        matchLabels: { 'app.kubernetes.io/name': 'research-warehouse' },
      });
    });

    it('let in only the gateway of people', () => {
      for (const name of ['tre-gateway', 'warehouse-gateway']) {
        const { ingress } = only(recorded, name).inputs.spec as { ingress: readonly { from: readonly Json[] }[] };
        assert.deepEqual(ingress[0]?.from, [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'people' } } },
        ]);
      }
    });

    it('give the research environment the catalogue of the marts alone', () => {
      if (mode === 'preview') return;
      const files = (name: string) => Object.keys(only(recorded, name).inputs.data as Json).sort();
      assert.deepEqual(files('research-warehouse-catalogues'), ['marts.properties']);
      assert.deepEqual(files('warehouse-catalogues'), ['curated.properties', 'marts.properties']);
    });

    it('ask for at most 10 GiB with everything', () => {
      const total = workloadsOf(recorded)
        .flatMap(({ spec }) => spec.containers)
        .reduce((sum, { resources }) => sum + mebibytesOf(resources.requests.memory), 0);
      assert.ok(total > 5 * 1024 && total <= 10 * 1024, `${total} MiB`);
    });

    it('write no secret in the clear', () => {
      const open = JSON.stringify(
        recorded.filter((one) => one.type.startsWith('kubernetes:') && kindOf(one) !== 'Secret'),
      );
      assert.ok(!open.includes('hash-of-ann'));
      // Derived secrets are 256 bits as base64url or hex text; so look a digest and one long name.
      const innocent = /"data-lake\/corefile":"[0-9a-f]{64}"|"name":"[^"]*"/g;
      const found = open.replaceAll(innocent, '').match(/"[A-Za-z0-9_-]{43}"|"[0-9a-f]{64}"/g);
      assert.deepEqual(found, null);
    });
  });
}

describe('The warehouse', () => {
  it('shows each catalogue its own schema, read-only, the curated tables to their group', () => {
    const { catalogs, tables } = rulesOf(['curated', 'marts']);
    assert.deepEqual(catalogs, [
      { group: 'curated', catalog: 'curated', allow: 'read-only' },
      { catalog: 'marts', allow: 'read-only' },
    ]);
    for (const { schema, catalog, privileges } of tables) assert.deepEqual([schema, privileges], [catalog, ['SELECT']]);
    assert.deepEqual(rulesOf(['marts']).catalogs, [{ catalog: 'marts', allow: 'read-only' }]);
  });

  it('reads no other bucket than its manifest names, whatever is asked of it', () => {
    const logins = { warehouse: 'w', 'research-warehouse': 'r' };
    const actionsIn = (zone: Parameters<typeof bucketPolicy>[0]) =>
      bucketPolicy(zone, zone, readerManifests, logins).Statement.map(
        ({ Principal, Action }) => `${Principal.AWS.join()} ${Action.join()}`,
      );
    assert.deepEqual(actionsIn('landing'), []);
    assert.deepEqual(actionsIn('identity'), []);
    assert.deepEqual(actionsIn('curated'), ['w s3:GetObject', 'w s3:ListBucket']);
    assert.deepEqual(actionsIn('marts'), ['w s3:GetObject', 'w s3:ListBucket', 'r s3:GetObject', 'r s3:ListBucket']);
  });

  it('writes hashes of passwords that are the same at each deployment and differ by user', () => {
    assert.equal(passwordHash('a', 'p'), passwordHash('a', 'p'));
    assert.notEqual(passwordHash('a', 'p'), passwordHash('b', 'p'));
    assert.match(passwordHash('a', 'p'), /^10000:[0-9a-f]{32}:[0-9a-f]{64}$/);
  });

  it('keeps passwords out of arguments: the metastore reads them from its file, psql from its environment', () => {
    const text = hiveSite(
      { host: 'db', port: 5432, name: 'm', role: 'm', password: 'a<b&c', caFile: '/ca.pem' },
      { region: 'eu-west-2', forcePathStyle: true },
      'http://store',
      { accessKeyId: 'k', secretAccessKey: 's' },
    );
    assert.match(text, /<value>a&lt;b&amp;c<\/value>/);
    assert.match(text, /sslmode=verify-full&amp;sslrootcert=\/ca\.pem/);
    assert.match(metastoreDatabaseScript('m', 'm'), /\\getenv password METASTORE_PASSWORD/);
  });

  it('asks for what it needs, all at once', () => {
    const problems = (settings: Readonly<Record<string, string>>): readonly string[] => {
      try {
        readConfig(sourceOf(settings));
        return [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.map((problem) => problem.slice(0, problem.indexOf(':')));
      }
    };
    assert.deepEqual(problems({ ...devSettings, warehouse: 'trino' }), [
      'warehouseUsers',
      'certificateIssuer',
      'images',
    ]);
    assert.deepEqual(problems({ ...devSettings, workspaces: '["flu"]' }), ['warehouse', 'peopleGateway', 'images']);
    assert.deepEqual(problems({ ...fullSettings, workspaces: '["flu","flu"]' }), ['workspaces']);
  });
});
