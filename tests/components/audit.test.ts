import assert from 'node:assert/strict';
import { apiServerAuditPolicy } from '../../components/audit/api-server-policy';
import { workloadVariables } from '../../components/guardrails/kubernetes-admission';
import { auditSealerManifest, identityAuditSealerManifest } from '../../functions/audit/manifest';
import { logCollectorManifest } from '../../functions/log-collector/manifest';
import { bucketPolicy } from '../../functions/manifest-bucket-policy';
import { stateGrantsOf } from '../../functions/manifest-grants';
import { identityOperatorManifest, operatorManifest } from '../../functions/operator/manifest';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, fullSettings } from './dev-stack';
import { deploy, type Json, workloadsOf } from './recorded-lake';

interface PolicyRule {
  readonly level: string;
  readonly verbs?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resources?: readonly { readonly group: string; readonly resources?: readonly string[] }[];
}

/** The level the API server would record at: the first rule that fits (k8s.io/apiserver/pkg/audit/policy). */
function levelOf(
  rules: readonly PolicyRule[],
  verb: string,
  group: string,
  resource: string,
  namespace: string,
): string {
  const found = rules.find(
    (rule) =>
      rule.nonResourceURLs === undefined &&
      (rule.verbs === undefined || rule.verbs.includes(verb)) &&
      (rule.namespaces === undefined || rule.namespaces.includes(namespace)) &&
      (rule.resources === undefined ||
        rule.resources.some(
          (one) => one.group === group && (one.resources === undefined || one.resources.includes(resource)),
        )),
  );
  return found?.level ?? 'None';
}

for (const mode of modes) {
  describe(`Audit on Kubernetes, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, fullSettings);
    });

    it("collects from a network of its own, with the node's log files read-only and no other of its folders", () => {
      const [collector] = workloadsOf(recorded).filter(({ name }) => name === 'audit-collector');
      const hosts = (collector?.spec.volumes ?? []).filter((volume) => 'hostPath' in volume);
      assert.deepEqual(hosts, [{ name: 'pods', hostPath: { path: '/var/log/pods', type: 'Directory' } }]);
      const [container] = collector?.spec.containers ?? [];
      const mounts = (container as unknown as { volumeMounts: readonly Json[] }).volumeMounts;
      assert.equal(mounts.find(({ name }) => name === 'pods')?.readOnly, true);
      assert.deepEqual(container?.securityContext.capabilities, { drop: ['ALL'], add: ['DAC_READ_SEARCH'] });
      const others = workloadsOf(recorded).filter(({ name }) => name !== 'audit-collector');
      assert.ok(others.length > 10);
      for (const { name, spec } of others)
        assert.ok(!(spec.volumes ?? []).some((volume) => 'hostPath' in volume), name);
    });

    it('relaxes the pod security of that network alone', () => {
      const relaxed = recorded
        .filter((one) => kindOf(one) === 'Namespace')
        .filter(({ inputs }) => {
          const { labels } = inputs.metadata as { labels: Json };
          return labels['pod-security.kubernetes.io/enforce'] !== 'restricted';
        });
      assert.deepEqual(
        relaxed.map(({ name }) => name),
        ['network-logs'],
      );
    });
  });
}

describe('Audit', () => {
  it("reads the logs of the lake's own namespaces, and leaves the nodes to the site where it collects itself", async () => {
    const recorded = await deploy('apply', fullSettings);
    const text = (only(recorded, 'audit-configuration').inputs.data as { 'vector.json': string })['vector.json'];
    const { sources, sinks } = JSON.parse(text) as {
      sources: { pods: { include: readonly string[] } };
      sinks: { locked: { bucket: string; key_prefix: string } };
    };
    assert.ok(sources.pods.include.includes('/var/log/pods/lake-keys_*/*/*.log'));
    for (const path of sources.pods.include) assert.match(path, /^\/var\/log\/pods\/lake-[a-z]+_\*\//);
    assert.equal(sinks.locked.bucket, 'lake-audit');
    const without = await deploy('apply', devSettings);
    assert.deepEqual(
      without.filter((one) => kindOf(one) === 'DaemonSet'),
      [],
    );
  });

  it('writes under its own prefix of the audit bucket and can touch nothing else there', () => {
    const { Statement } = bucketPolicy('audit', 'lake-audit', [logCollectorManifest], { 'log-collector': 'c' });
    assert.deepEqual(Statement, [
      {
        Effect: 'Allow',
        Principal: { AWS: ['c'] },
        Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
        Resource: ['arn:aws:s3:::lake-audit/collected/*'],
      },
    ]);
  });

  it('gives each sealer its own stream of the audit bucket, and each desk a look at one', () => {
    const manifests = [auditSealerManifest, identityAuditSealerManifest, operatorManifest, identityOperatorManifest];
    const names = Object.fromEntries(manifests.map(({ name }) => [name, name]));
    for (const zone of ['audit', 'witness'] as const) {
      const { Statement } = bucketPolicy(zone, `lake-${zone}`, manifests, names);
      const objects = Statement.filter(({ Resource }) => Resource[0] !== `arn:aws:s3:::lake-${zone}`);
      const put = ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'];
      assert.deepEqual(
        objects.map(({ Principal, Action, Resource }) => [Principal.AWS[0], Action, Resource]),
        [
          ['audit-sealer', put, [`arn:aws:s3:::lake-${zone}/lake/*`]],
          ['identity-audit-sealer', put, [`arn:aws:s3:::lake-${zone}/identity/*`]],
          ['operator', ['s3:GetObject'], [`arn:aws:s3:::lake-${zone}/lake/*`]],
          ['identity-operator', ['s3:GetObject'], [`arn:aws:s3:::lake-${zone}/identity/*`]],
        ],
      );
    }
    // Nor does any of them reach the other zone's database.
    assert.deepEqual(stateGrantsOf(identityAuditSealerManifest, 'lake'), []);
    assert.deepEqual(
      stateGrantsOf(identityAuditSealerManifest, 'identity'),
      stateGrantsOf(auditSealerManifest, 'lake'),
    );
  });

  it("lets only the collector's namespace near a folder of the node", () => {
    const variables = workloadVariables([], {}, ['lake-logs']);
    assert.equal(variables.find(({ name }) => name === 'logReaders')?.expression, '["lake-logs"]');
    assert.equal(workloadVariables([], {}, []).find(({ name }) => name === 'logReaders')?.expression, '[]');
  });

  it('has the API server record every touch of the lake, and no body of a secret', () => {
    const { rules } = JSON.parse(apiServerAuditPolicy(['lake-lake'])) as { rules: readonly PolicyRule[] };
    const level = (verb: string, group: string, resource: string, namespace = 'lake-lake'): string =>
      levelOf(rules, verb, group, resource, namespace);
    assert.equal(level('get', '', 'secrets'), 'Metadata');
    assert.equal(level('update', '', 'secrets', 'elsewhere'), 'Metadata');
    assert.equal(level('create', '', 'serviceaccounts/token'), 'Metadata');
    assert.equal(level('create', 'authentication.k8s.io', 'tokenreviews', ''), 'Metadata');
    assert.equal(level('update', 'rbac.authorization.k8s.io', 'clusterroles', ''), 'RequestResponse');
    assert.equal(level('delete', 'networking.k8s.io', 'networkpolicies'), 'RequestResponse');
    assert.equal(level('create', '', 'pods/exec'), 'Request');
    assert.equal(level('get', '', 'pods'), 'Metadata');
    assert.equal(level('list', '', 'events'), 'Metadata');
    assert.equal(level('update', 'coordination.k8s.io', 'leases', 'kube-system'), 'None');
    assert.equal(level('get', '', 'pods', 'elsewhere'), 'Metadata');
  });
});
