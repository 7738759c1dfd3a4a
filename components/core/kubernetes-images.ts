/**
 * The images the lake runs, each pinned. None comes from Bitnami, whose public catalogue ended in August 2025. A digest is
 * added by the pipeline that mirrors them (`images` in the stack's configuration); none is made up here. The tags were not pulled
 * when this was written: no registry could be reached.
 */
const pinned = {
  openbao: 'quay.io/openbao/openbao:2.6.2',
  versitygw: 'docker.io/versity/versitygw:v1.8.0',
  postgres: 'docker.io/library/postgres:18.1',
  hiveMetastore: 'docker.io/apache/hive:standalone-metastore-4.2.0',
  trino: 'docker.io/trinodb/trino:476',
  coredns: 'docker.io/coredns/coredns:1.14.7',
  rclone: 'docker.io/rclone/rclone:1.71.1',
  collector: 'docker.io/timberio/vector:0.43.0-distroless-static',
} as const;

/** Built by the site itself: there is nothing to pin them to. */
const ofTheSite = ['lake', 'workspace', 'spark'] as const;
const isOfTheSite = (name: ImageName): name is (typeof ofTheSite)[number] => ofTheSite.some((one) => one === name);

export const imageNames = [...Object.keys(pinned), ...ofTheSite] as readonly ImageName[];
export type ImageName = keyof typeof pinned | (typeof ofTheSite)[number];

export type Images = (name: ImageName) => string;

/** `registry` replaces the host of every pinned image (an air-gapped mirror); `overrides` name whole references. */
export function imagesFrom(
  registry: string | undefined,
  overrides: Readonly<Partial<Record<ImageName, string>>>,
): Images {
  return (name) => {
    const override = overrides[name];
    if (override !== undefined) return override;
    if (isOfTheSite(name))
      throw new RangeError(`images.${name}: missing; the full reference of your own image, with a tag or a digest.`);
    return registry === undefined ? pinned[name] : pinned[name].replace(/^[^/]+/, registry);
  };
}

/** What the references of these images begin with: each its repository, or the mirror as a whole. */
export function imageSources(
  registry: string | undefined,
  overrides: Readonly<Partial<Record<ImageName, string>>>,
): readonly string[] {
  const repository = (reference: string): string => /^.*\/[^:@]+[:@]?/.exec(reference)?.[0] ?? reference;
  const own = registry === undefined ? Object.values(pinned).map(repository) : [`${registry}/`];
  return [...new Set([...own, ...Object.values(overrides).map(repository)])];
}
