import type { Borders } from './borders';
import { fieldsOf } from './input-values';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';
import { policyPlaces } from './resource-policies';

/** Properties that lead nowhere by naming something: labels, code that is fetched from AWS, and documents that are asked apart. */
const idle = new Set([
  'accessPolicy',
  'body',
  'code',
  'description',
  'domains',
  'environment',
  'imageUri',
  'inlinePolicies',
  'layers',
  'managedPolicyArns',
  'openIdConnectProviderArns',
  'policyArn',
  'tags',
  'tagsAll',
  ...Object.values(policyPlaces).map(({ policy }) => policy),
]);
/** Read from alone: programs and certificates of the site's own bucket, foreign data that is taken in. */
const readFrom = new Set([
  'EntryPoint',
  'EntryPointArguments',
  'spark.files',
  'spark.jars',
  's3Targets',
  'truststoreUri',
]);
/** Types whose whole sense is to say who or what may: they are asked apart, statement by statement. */
const askedApart =
  /:(AccessPointPolicy|BucketPolicy|ClusterPolicy|Policy|PolicyAttachment|ResourcePolicy|RolePolicy|RolePolicyAttachment|VpcEndpoint|VpcEndpointPolicy)$/;

/** A text that names a thing of AWS by its owner, or a bucket. */
const naming = {
  arn: /\barn:aws[\w-]*:[\w-]+:[\w-]*:[0-9]{12}:[^\s"'\\,]+|\barn:aws[\w-]*:s3:::[a-z0-9][a-z0-9.-]+/g,
  bucket: /(?<!\bFROM\s*')\bs3[an]?:\/\/([a-z0-9][a-z0-9.-]+)/g,
  queue: /\bsqs\.[a-z0-9-]+\.amazonaws\.com\/([0-9]{12})\b/g,
  share: /\bTO\s+ACCOUNT\s+'?([0-9]{12})\b/gi,
};

/**
 * Whatever names a thing of a stranger in an input that no other file reads: dead letters in JSON text, buckets of jobs, shares in SQL.
 * Naming may not be reaching, but nothing of a lake has to name a stranger's.
 */
export class NamedElsewhere {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
  }

  /** What the other files found already is not said twice. */
  edgesBeside(found: readonly Edge[]): readonly Edge[] {
    const said = new Set(found.flatMap(({ to, steps }) => steps.map(({ kind, name }) => `${kind} ${name} ${to}`)));
    return this.#graph.resources
      .filter(({ type }) => type.startsWith('aws:') && !askedApart.test(type))
      .flatMap((resource) =>
        this.#namedIn(resource.inputs, '').map(([path, place]) =>
          edgeOf(
            resource,
            place,
            [stepOf(resource, `${path} names something of ${place}`)],
            `take it out of ${path} of ${kindOf(resource)} ${resource.name}`,
          ),
        ),
      )
      .filter(({ from, to }) => !said.has(`${from} ${to}`));
  }

  #namedIn(value: unknown, path: string): readonly (readonly [string, string])[] {
    if (typeof value === 'string') return this.#places(value, path).map((place) => [path, place] as const);
    if (Array.isArray(value)) return value.flatMap((item) => this.#namedIn(item, path));
    return Object.entries(fieldsOf(value)).flatMap(([key, held]) =>
      idle.has(key) || readFrom.has(key) ? [] : this.#namedIn(held, path === '' ? key : `${path}.${key}`),
    );
  }

  #places(text: string, path: string): readonly string[] {
    const document = parsed(text);
    // `Bucket` is how a call of S3 names where it puts, in whatever document it stands.
    if (document !== undefined)
      return this.#namedIn(document, path)
        .map(([, place]) => place)
        .concat(this.#buckets(document));
    const owned = Object.values(naming).flatMap((pattern) =>
      [...text.matchAll(pattern)].map((match) => match[1] ?? match[0]),
    );
    return [...new Set(owned.flatMap((name) => this.#borders.placeOf(name) ?? []))];
  }

  #buckets(value: unknown): readonly string[] {
    if (Array.isArray(value)) return value.flatMap((item) => this.#buckets(item));
    return Object.entries(fieldsOf(value)).flatMap(([key, held]) =>
      key === 'Bucket' && typeof held === 'string' && !/^[{$]/.test(held)
        ? (this.#borders.placeOf(held) ?? [])
        : this.#buckets(held),
    );
  }
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
