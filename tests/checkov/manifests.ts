import type { RecordedResource } from '../../stacks/commands/resource-graph';

type Fields = Readonly<Record<string, unknown>>;

/** Values as a file would have them: a secret is a secret's text. */
export function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === 'secret') return bare(entries[0][1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, bare(inner)]));
}

/**
 * The manifests of a recorded stack, by name. Checkov knows the kinds of Kubernetes itself: a Knative Service is shown to it as
 * the Deployment that it becomes.
 */
export const manifestsOf = (stack: readonly RecordedResource[]): ReadonlyMap<string, unknown> =>
  new Map(
    stack
      .filter(({ type, read, inputs }) => type.startsWith('kubernetes:') && !read && inputs.kind !== undefined)
      .map(({ name, inputs }) => [name, asBuiltIn(bare(inputs) as Fields)]),
  );

function asBuiltIn(manifest: Fields): Fields {
  if (manifest.apiVersion !== 'serving.knative.dev/v1' || manifest.kind !== 'Service') return manifest;
  const spec = manifest.spec as Fields;
  const { metadata = {} } = spec.template as { readonly metadata?: Fields };
  const labels = metadata.labels ?? {};
  return {
    ...manifest,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: { ...spec, selector: { matchLabels: labels } },
  };
}
