/**
 * The images the lake runs, each pinned. None comes from Bitnami, whose public catalogue ended in August 2025. Digests are what
 * the site's registry answers (`lake stack lock` writes them into the stack's configuration); none is made up here. The tags were
 * not pulled when this was written: no registry could be reached.
 */
const pinned = {
  openbao: 'quay.io/openbao/openbao:2.6.2',
  versitygw: 'docker.io/versity/versitygw:v1.8.0',
  postgres: 'docker.io/library/postgres:18.1',
  /** What CloudNativePG runs: its instance manager expects what this image has beside PostgreSQL. */
  postgresCluster: 'ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie',
  hiveMetastore: 'docker.io/apache/hive:standalone-metastore-4.2.0',
  trino: 'docker.io/trinodb/trino:476',
  coredns: 'docker.io/coredns/coredns:1.14.7',
  rclone: 'docker.io/rclone/rclone:1.71.1',
  collector: 'docker.io/timberio/vector:0.43.0-distroless-static',
} as const;

/** Built by the site itself: there is nothing to pin them to. */
const ofTheSite = ['lake', 'workspace', 'spark'] as const;
export const isOfTheSite = (name: ImageName): name is (typeof ofTheSite)[number] =>
  ofTheSite.some((one) => one === name);

export const imageNames = [...Object.keys(pinned), ...ofTheSite] as readonly ImageName[];
export type ImageName = keyof typeof pinned | (typeof ofTheSite)[number];

export type Images = (name: ImageName) => string;

/**
 * `registry` replaces the host of every pinned image (an air-gapped mirror); `overrides` name whole references; `digests` are by
 * reference, so that one is void as soon as another tag or registry is named.
 */
export function imagesFrom(
  registry: string | undefined,
  overrides: Readonly<Partial<Record<ImageName, string>>>,
  digests: Readonly<Record<string, string>> = {},
): Images {
  return (name) => {
    const reference = overrides[name] ?? (isOfTheSite(name) ? undefined : mirrored(pinned[name], registry));
    if (reference === undefined)
      throw new RangeError(`images.${name}: missing; the full reference of your own image, with a tag or a digest.`);
    return Object.hasOwn(digests, reference) ? `${reference}@${digests[reference]}` : reference;
  };
}

const mirrored = (reference: string, registry: string | undefined): string =>
  registry === undefined ? reference : `${registry}${reference.slice(reference.indexOf('/'))}`;

/** What the references of these images begin with: each its repository, or the mirror as a whole. */
export function imageSources(
  registry: string | undefined,
  overrides: Readonly<Partial<Record<ImageName, string>>>,
): readonly string[] {
  const repository = (reference: string): string => /^.*\/[^:@]+[:@]?/.exec(reference)?.[0] ?? reference;
  const own = registry === undefined ? Object.values(pinned).map(repository) : [`${registry}/`];
  return [...new Set([...own, ...Object.values(overrides).map(repository)])];
}
