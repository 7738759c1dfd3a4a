import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { releases } from '../../components/platform/kubernetes';
import { siteSettings, sparkStackSettings } from '../components/dev-stack';
import { deploy, objectsOf, sparkTemplatesOf } from '../components/recorded-lake';
import { run } from '../support/machine-tools';
import type { Site } from './site';

/** What their projects publish of their own kinds, by ordinary releases of their Go modules. */
const published = [
  { module: 'knative.dev/eventing@v0.50.0', folder: 'config/core/resources', files: /^(broker|trigger)\.yaml$/ },
  { module: 'knative.dev/operator@v0.50.0', folder: 'config/crd/bases', files: /^operator\.knative/ },
  { module: 'github.com/cert-manager/cert-manager@v1.21.1', folder: 'deploy/crds', files: /_certificates\.yaml$/ },
  {
    module: 'github.com/cloudnative-pg/cloudnative-pg@v1.30.0',
    folder: 'config/crd/bases',
    files: /_(clusters|scheduledbackups)\.yaml$/,
  },
  {
    module: 'github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0',
    folder: 'config/crd/bases',
    files: /_objectstores\.yaml$/,
  },
  {
    module: 'github.com/kubeflow/spark-operator/v2@v2.5.2',
    folder: 'config/crd/bases',
    files: /_scheduledsparkapplications\.yaml$/,
  },
] as const;

/** Of these no release can be had where no registry is: docs/proof.md names them. */
const notPublished = new Set(['KeycloakRealmImport']);

/** Its own schema keeps fields it does not know. */
const lenient = new Set(['eventing.knative.dev/v1 Trigger']);

/** Made for real, since others are only taken where these are. */
const standing = new Set(['Namespace', 'ServiceAccount']);

const name = 'schemas';
const settings = {
  everything: {
    ...sparkStackSettings,
    name,
    environment: 'development',
  },
  'a site with its own servers': {
    ...siteSettings,
    name,
    ingestHost: 'fhir.example.nhs.uk',
    tokenHost: 'token.example.nhs.uk',
    certificateIssuer: 'site',
    platform: '["knative","cloudNativePg"]',
    events: 'broker',
    deadLetterSink: 'https://dead.example.nhs.uk',
    backupEndpoint: 'https://s3.elsewhere.nhs.uk',
    backupBucket: 'lake-copies',
    backupCidrs: '["192.0.2.40/32"]',
    backupCredentials: 'platform/archive',
    siteNames: JSON.stringify([...JSON.parse(siteSettings.siteNames ?? ''), 's3.elsewhere.nhs.uk=192.0.2.40']),
  },
} as const;

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const typeOf = ({ apiVersion, kind }: KubernetesObject): string => `${apiVersion} ${kind}`;

/** As the engine gives it to the provider: secrets in the clear, and the address that only a cluster gives the resolver's Service. */
function asSent(object: KubernetesObject): KubernetesObject {
  const withSecrets = object.kind === 'Secret';
  const sent = (value: unknown): unknown => {
    if (value === null) return '192.0.2.53';
    if (Array.isArray(value)) return value.map(sent);
    if (typeof value !== 'object') return value;
    if (withSecrets && 'secret' in value) return sent(value.secret);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, sent(one)]));
  };
  return sent(object) as KubernetesObject;
}

/** The schema of spark-operator keeps whatever stands in a template, so each is shown to the server by itself too. */
const templatesOf = ({ kind, metadata, spec }: KubernetesObject): readonly object[] =>
  kind === 'ScheduledSparkApplication'
    ? sparkTemplatesOf(spec).map((template, index) => ({
        apiVersion: 'v1',
        kind: 'PodTemplate',
        metadata: { name: `${metadata.name}-${index}`, namespace: metadata.namespace },
        template,
      }))
    : [];

/** Where a module's release lies on this machine; undefined when it cannot be had. */
function folderOf(module: string): string | undefined {
  try {
    return (JSON.parse(run('go', ['mod', 'download', '-json', module])) as { readonly Dir: string }).Dir;
  } catch {
    return undefined;
  }
}

/**
 * Everything that whole stacks render, parts included whose servers do not run here, before a real API server with the schemas that
 * their projects publish: fields that no schema knows, wrong types and values outside their enumerations are refused.
 */
export function publishedSchemas(siteOf: () => Site): void {
  describe('renders what the API server and the published schemas take', () => {
    let site: Site;
    const schemas: string[] = [];
    const objects = new Map<string, readonly KubernetesObject[]>();
    /** Namespaces by name, made with their accounts: Knative asks whether the account of a service may run its pod. */
    const made = new Map<string, KubernetesObject>();

    before(async function () {
      site = siteOf();
      for (const { module, folder, files } of published) {
        const home = folderOf(module);
        if (home === undefined) {
          console.log(`      skipped: the release of ${module} cannot be had`);
          this.skip();
        }
        const place = join(home, folder);
        for (const file of readdirSync(place).filter((one) => files.test(one))) schemas.push(join(place, file));
      }
      // Some schemas are longer than an annotation may be, so the server keeps track of the fields.
      const given = schemas.flatMap((file) => ['-f', file]);
      site.kubectl('apply', '--server-side', ...given);
      site.kubectl('wait', '--for=condition=Established', '--timeout=120s', ...given);
      for (const [title, one] of Object.entries(settings)) {
        const recorded = objectsOf(await deploy('apply', one));
        objects.set(
          title,
          recorded
            .map(({ inputs }) => asSent(inputs as unknown as KubernetesObject))
            // A stack also reads files of releases and Secrets of the site.
            .filter(({ apiVersion, kind }) => apiVersion !== undefined && kind !== undefined),
        );
      }
      const there = new Set(
        site.json<{ items: KubernetesObject[] }>('get', 'namespaces').items.map(({ metadata }) => metadata.name),
      );
      const all = [...objects.values()].flat();
      for (const one of all)
        if (one.kind === 'Namespace' && !there.has(one.metadata.name)) made.set(one.metadata.name, one);
      site.apply(...made.values());
      site.apply(
        ...all.filter(({ kind, metadata }) => kind === 'ServiceAccount' && made.has(metadata.namespace ?? '')),
      );
    });
    after(() => {
      if (schemas.length === 0) return;
      site.kubectl('delete', '--wait=false', ...schemas.flatMap((file) => ['-f', file]));
      site.kubectl('delete', 'namespace', '--wait=false', '--ignore-not-found', ...made.keys());
    });

    const refusalOf = (object: object): string | undefined => {
      try {
        site.dryRun(object);
        return undefined;
      } catch (error) {
        return String((error as { stderr?: string }).stderr);
      }
    };

    for (const title of Object.keys(settings))
      it(`for ${title}`, () => {
        const items = objects.get(title)!.filter(({ kind }) => !standing.has(kind) && !notPublished.has(kind));
        const all = [...items, ...items.flatMap(templatesOf)];
        assert.equal(refusalOf({ apiVersion: 'v1', kind: 'List', items: all }), undefined);
        console.log(`      ${items.length} objects of ${new Set(items.map(typeOf)).size} kinds`);
      });

    it('of the releases that the platform installs', () => {
      const versionOf = (module: string) =>
        published.find((one) => one.module.startsWith(module))!.module.split('@')[1];
      assert.ok(releases.certManager.includes(`/${versionOf('github.com/cert-manager/cert-manager')}/`));
      assert.ok(releases.cloudNativePg.includes(`/${versionOf('github.com/cloudnative-pg/cloudnative-pg')}/`));
      assert.ok(releases.sparkOperator.includes(`/${versionOf('github.com/kubeflow/spark-operator')}/`));
      // Knative's modules are numbered apart from its releases: v0.50 is 1.23 in spec.version.
      assert.match(releases.knative, /knative-v1\.23\.\d+/);
    });

    it('and one field that a schema does not know is refused, in each published kind', () => {
      const ofOperators = [...objects.values()]
        .flat()
        .filter(
          ({ apiVersion, kind }) =>
            /(knative\.dev|cert-manager\.io|cnpg\.io|sparkoperator\.k8s\.io)\//.test(apiVersion) && kind !== '',
        );
      const kinds = new Map(ofOperators.map((one) => [typeOf(one), one]));
      assert.ok(kinds.size >= 10, [...kinds.keys()].join(', '));
      for (const [type, one] of kinds) {
        const refusal = refusalOf({ ...one, spec: { ...one.spec, notOfThisSchema: 1 } });
        if (lenient.has(type)) assert.equal(refusal, undefined, type);
        else assert.match(refusal ?? '', /notOfThisSchema/, type);
        assert.match(refusalOf({ ...one, spec: ['no', 'object'] }) ?? '', /spec/, type);
      }
    });
  });
}
