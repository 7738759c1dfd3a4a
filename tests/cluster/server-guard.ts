import assert from 'node:assert/strict';
import { zoneOf } from './cluster-lake';
import type { Site } from './site';

/** What the API server takes from whom: restricted pods of the lake alone, and no question of the lake's own accounts. */
export function serverGuard(siteOf: () => Site): void {
  describe('is guarded by the API server', () => {
    let site: Site;
    before(() => {
      site = siteOf();
    });

    const pod = (
      name: string,
      change: (spec: { containers: Record<string, unknown>[] } & Record<string, unknown>) => void,
    ): object => {
      const spec = {
        serviceAccountName: 'curate',
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'one',
            image: 'dev.local/lake:1',
            resources: { requests: { memory: '64Mi', cpu: '50m' }, limits: { memory: '64Mi' } },
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
              seccompProfile: { type: 'RuntimeDefault' },
            } as Record<string, unknown>,
          },
        ] as Record<string, unknown>[],
      };
      change(spec);
      return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: zoneOf('lake') }, spec };
    };
    /** What the server said where it refused. */
    const refusalOf = (object: object): string | undefined => {
      try {
        site.dryRun(object);
        return undefined;
      } catch (error) {
        return String((error as { stderr?: string }).stderr);
      }
    };
    const deployment = (name: string, limits: object): object => {
      const { metadata, spec } = pod(name, ({ containers }) => {
        containers[0]!.resources = { requests: { memory: '64Mi', cpu: '50m' }, ...limits };
      }) as { metadata: object; spec: object };
      const labels = { app: name };
      return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      };
    };

    it('which admits a restricted pod and refuses others, each for what it is', () => {
      assert.equal(refusalOf(pod('plain', () => undefined)), undefined);
      const refused: Readonly<Record<string, readonly [Parameters<typeof pod>[1], RegExp]>> = {
        privileged: [
          ({ containers }) => {
            containers[0]!.securityContext = { privileged: true };
          },
          /privileged/,
        ],
        root: [
          ({ containers }) => {
            (containers[0]!.securityContext as Record<string, unknown>).runAsUser = 0;
          },
          /runAsUser=0/,
        ],
        'host-path': [
          (spec) => {
            spec.volumes = [{ name: 'node', hostPath: { path: '/' } }];
          },
          /hostPath|volume of the node/,
        ],
        'another-account': [
          (spec) => {
            spec.serviceAccountName = 'default';
          },
          /account/,
        ],
        'foreign-image': [
          ({ containers }) => {
            containers[0]!.image = 'registry.example.org/other:1';
          },
          /image of another source/,
        ],
        'host-network': [
          (spec) => {
            spec.hostNetwork = true;
          },
          /hostNetwork|host namespaces/,
        ],
        capability: [
          ({ containers }) => {
            (containers[0]!.securityContext as Record<string, unknown>).capabilities = {
              drop: ['ALL'],
              add: ['NET_RAW'],
            };
          },
          /capabilities/,
        ],
      };
      for (const [name, [change, why]] of Object.entries(refused))
        assert.match(refusalOf(pod(name, change)) ?? `${name} was admitted`, why);
    });

    it('which refuses workloads whose containers name no limit of memory', () => {
      assert.equal(refusalOf(deployment('limited', { limits: { memory: '64Mi' } })), undefined);
      for (const limits of [{}, { limits: { cpu: '1' } }])
        assert.match(refusalOf(deployment('unlimited', limits)) ?? 'admitted', /without a memory limit/);
    });

    it('where no account of the lake may do anything', () => {
      const accounts = ['lake', 'identity', 'keys', 'stores'].flatMap((zone) =>
        site
          .json<{ items: { metadata: { name: string; namespace: string } }[] }>(
            'get',
            'serviceaccounts',
            '-n',
            `lake-${zone}`,
          )
          .items.map(({ metadata }) => metadata),
      );
      const asked = [
        ['get', '', 'secrets'],
        ['list', '', 'secrets'],
        ['list', '', 'configmaps'],
        ['create', '', 'pods'],
        ['create', '', 'pods/exec'],
        ['get', '', 'pods/log'],
        ['list', '', 'pods'],
        ['create', '', 'serviceaccounts/token'],
        ['impersonate', '', 'users'],
        ['create', 'apps', 'deployments'],
        ['patch', 'apps', 'statefulsets'],
        ['delete', 'networking.k8s.io', 'networkpolicies'],
        ['create', 'networking.k8s.io', 'networkpolicies'],
        ['create', 'rbac.authorization.k8s.io', 'rolebindings'],
        ['escalate', 'rbac.authorization.k8s.io', 'roles'],
        ['update', 'serving.knative.dev', 'services'],
        ['create', 'batch', 'jobs'],
      ] as const;
      const cases = accounts.flatMap(({ name, namespace }) =>
        asked.flatMap(([verb, group, resource]) =>
          [namespace, undefined].map((place) => ({
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: {
              user: `system:serviceaccount:${namespace}:${name}`,
              groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
              resourceAttributes: {
                verb,
                group,
                resource: resource.split('/')[0],
                ...(resource.includes('/') ? { subresource: resource.split('/')[1] } : {}),
                ...(place === undefined ? {} : { namespace: place }),
              },
            },
          })),
        ),
      );
      assert.ok(cases.length >= 200, `${cases.length} cases`);
      const answers = site.review(cases);
      assert.equal(answers.length, cases.length);
      assert.deepEqual(
        cases.filter((_, index) => answers[index]).map(({ spec }) => spec),
        [],
      );
    });
  });
}
