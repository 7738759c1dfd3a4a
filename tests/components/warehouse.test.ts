import assert from 'node:assert/strict';
import { hiveSite, metastoreDatabaseScript } from '../../components/catalogue/hive-configuration';
import { passwordHash } from '../../components/warehouse/password-file';
import { trinoFiles } from '../../components/warehouse/trino-configuration';
import { bucketPolicy } from '../../functions/manifest-bucket-policy';
import { readerManifests } from '../../functions/warehouse/manifest';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, fullSettings, siteSettings, sourceOf } from './dev-stack';
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

describe('A metastore and an engine of the site', () => {
  const metastore = { metastoreHost: '192.0.2.40', metastorePort: '9084', metastoreCidrs: '["192.0.2.40/32"]' };
  const bindingsOf = (recorded: readonly Recorded[]): readonly Json[] =>
    workloadsOf(recorded)
      .flatMap(({ spec }) => spec.containers)
      .flatMap(({ env = [] }) => env as readonly { name: string; value?: string }[])
      .flatMap(({ name, value }) => (name === 'LAKE_BINDING' ? [JSON.parse(value ?? '{}') as Json] : []));
  const namesOf = (recorded: readonly Recorded[], prefix: string) =>
    recorded
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name }) => name)
      .sort();
  /** Every way to the metastore that a policy opens. */
  const waysOf = (recorded: readonly Recorded[]) =>
    policiesOf(recorded)
      .filter(({ metadata }) => metadata.name === 'to-tables')
      .map(({ spec }) => spec.egress);
  const toTheSite = [{ to: [{ ipBlock: { cidr: '192.0.2.40/32' } }], ports: [{ protocol: 'TCP', port: 9084 }] }];

  it('are where tables are published, and the stack brings neither', async () => {
    const recorded = await deploy('apply', { ...siteSettings, ...metastore, warehouse: 'existing' });
    assert.deepEqual(namesOf(recorded, 'catalogue'), ['catalogue', 'catalogue-tables-from-lake']);
    assert.deepEqual(namesOf(recorded, 'warehouse'), []);
    assert.deepEqual(waysOf(recorded), [toTheSite]);
    const publishing = bindingsOf(recorded).flatMap(({ catalogue }) =>
      catalogue === undefined ? [] : [catalogue as Json],
    );
    assert.ok(publishing.length > 3);
    for (const { kind, host, port } of publishing) assert.deepEqual([kind, host, port], ['hive', '192.0.2.40', 9084]);
    // No pod of the lake runs under their names.
    const admitted = JSON.stringify(recorded.filter(({ name }) => name.startsWith('guardrails')));
    assert.ok(!admitted.includes('warehouse') && !admitted.includes('hive-metastore'));
  });

  it("are asked by the warehouses of the stack, where only the metastore is the site's", async () => {
    const { images, ...rest } = fullSettings;
    const own = JSON.stringify({ lake: 'dev.local/lake:1', workspace: 'dev.local/workspace:1' });
    const recorded = await deploy('apply', {
      ...rest,
      ...metastore,
      images: own,
    });
    assert.deepEqual(namesOf(recorded, 'catalogue'), [
      'catalogue',
      'catalogue-tables-from-lake',
      'catalogue-tables-from-tre',
    ]);
    assert.deepEqual(waysOf(recorded), [toTheSite, toTheSite]);
    const engines = recorded.filter(({ inputs }) => JSON.stringify(inputs).includes('thrift://192.0.2.40:9084'));
    assert.deepEqual(engines.map(({ component }) => component.split('::').at(-1)).sort(), [
      'research-warehouse',
      'warehouse',
    ]);
  });

  it('are asked for together', () => {
    const problemsOf = (settings: Readonly<Record<string, string>>) => {
      try {
        return readConfig(sourceOf(settings)) && [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.map((problem) => problem.slice(0, problem.indexOf(':')));
      }
    };
    assert.deepEqual(problemsOf({ ...devSettings, warehouse: 'existing' }), ['metastoreHost', 'objectStore']);
    assert.deepEqual(problemsOf({ ...siteSettings, metastoreHost: 'hive.example.nhs.uk' }), [
      'siteNames',
      'metastoreCidrs',
      'warehouse',
    ]);
    const workspaces = {
      workspaces: '["flu"]',
      peopleGateway: 'people',
      images: '{"lake":"a/b:1","workspace":"a/w:1"}',
    };
    assert.deepEqual(problemsOf({ ...siteSettings, ...metastore, ...workspaces, warehouse: 'existing' }), [
      'warehouse',
    ]);
  });
});

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
        ({ Principal, Action, Effect }) => `${Principal.AWS.join()} ${Effect === 'Deny' ? 'not ' : ''}${Action.join()}`,
      );
    assert.deepEqual(actionsIn('landing'), []);
    assert.deepEqual(actionsIn('identity'), []);
    assert.deepEqual(actionsIn('curated'), ['w s3:GetObject', 'w s3:ListBucket']);
    // Not what a job has staged: people who have opted out may still be in it.
    assert.deepEqual(
      actionsIn('marts'),
      ['w', 'r'].flatMap((one) => [`${one} s3:GetObject`, `${one} not s3:GetObject`, `${one} s3:ListBucket`]),
    );
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
