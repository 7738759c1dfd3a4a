import { imageNames, imagesFrom, isOfTheSite } from '../../components/core/kubernetes-images';
import type { StackConfig } from '../program';
import type { RecordedResource } from './resource-graph';

/** Which image each reference of a stack means. */
export interface ImageLock {
  /** By reference; of images the stack runs, and of no other. */
  readonly digests: Readonly<Record<string, string>>;
  /** What the stack's settings held before. */
  readonly before: Readonly<Record<string, string>>;
  /** Loaded into the nodes of a development cluster, so no registry has them. */
  readonly local: readonly string[];
}

/** Every image that a resource names, at whatever depth. */
function imagesIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return key === 'image' || key === 'imageName' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => imagesIn(inner, name));
}

/**
 * Asks the registries for the digest of every image that a stack runs.
 *
 * @param digestOf what a registry says of a reference (image-registry.ts)
 * @throws ImageRegistryError
 */
export async function lockImages(
  config: StackConfig,
  recorded: readonly RecordedResource[],
  digestOf: (reference: string) => Promise<string>,
): Promise<ImageLock> {
  // A function on AWS is no image.
  if (config.target !== 'kubernetes') return { digests: {}, before: {}, local: [] };
  const { imageRegistry, images, imageDigests: before } = config;
  const run = new Set(recorded.flatMap(({ inputs }) => imagesIn(inputs)));
  const [bare, locked] = [imagesFrom(imageRegistry, images), imagesFrom(imageRegistry, images, before)];
  const known = imageNames.filter((name) => images[name] !== undefined || !isOfTheSite(name));
  const references = known.filter((name) => run.has(locked(name))).map(bare);
  const tagged = [...new Set(references)].filter((reference) => !reference.includes('@')).sort();
  const local = tagged.filter((reference) => reference.startsWith('dev.local/'));
  const digests: Record<string, string> = {};
  for (const reference of tagged.filter((one) => !local.includes(one))) digests[reference] = await digestOf(reference);
  return { digests, before, local };
}
