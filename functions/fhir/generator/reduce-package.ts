import type { Definition } from './read-package';

type Json = Readonly<Record<string, unknown>>;

const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const withoutVersion = (url: string): string => url.split('|')[0]!;

/** The named keys of an object, those that are there. */
const only = (value: Json, names: readonly string[]): Json =>
  Object.fromEntries(names.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]));

const elementKeys = ['id', 'path', 'sliceName', 'slicing', 'min', 'max', 'type', 'contentReference'];

function elementOf(element: Json): Json {
  const values = Object.keys(element).filter((key) => /^(?:fixed|pattern)[A-Z]/.test(key));
  const { binding, constraint } = element;
  return {
    ...only(element, [...elementKeys, ...values]),
    ...(binding !== undefined && { binding: only(binding as Json, ['strength', 'valueSet']) }),
    ...(constraint !== undefined && {
      constraint: objects(constraint).map((one) => only(one, ['key', 'severity', 'human', 'expression'])),
    }),
  };
}

const codesOf = (concepts: unknown): readonly Json[] =>
  objects(concepts).map((one) => ({
    code: one.code,
    ...(one.concept !== undefined && { concept: codesOf(one.concept) }),
  }));

const includeOf = (include: Json): Json => ({
  ...only(include, ['system', 'filter', 'valueSet']),
  ...(include.concept !== undefined && { concept: codesOf(include.concept) }),
});

/** What a validator reads of a definition: no names of people, no texts, no displays. */
function reduced(definition: Definition): Json {
  const { resourceType, url, compose, differential } = definition;
  if (resourceType === 'CodeSystem')
    return { resourceType, url, content: definition.content, concept: codesOf(definition.concept) };
  if (resourceType === 'ValueSet') {
    const { include, exclude } = (compose ?? {}) as Json;
    return {
      resourceType,
      url,
      compose: {
        include: objects(include).map(includeOf),
        ...(exclude !== undefined && { exclude: objects(exclude).map(includeOf) }),
      },
    };
  }
  return {
    ...only(definition, ['resourceType', 'url', 'type', 'derivation', 'baseDefinition', 'context']),
    differential: { element: objects((differential as Json | undefined)?.element).map(elementOf) },
  };
}

/** What a definition refers to: extensions its elements are of, their value sets, code systems of value sets. */
function referredBy({ compose, differential }: Json): readonly string[] {
  const elements = objects((differential as Json | undefined)?.element);
  return [
    ...elements.flatMap(({ type }) => objects(type).flatMap(({ profile }) => (profile ?? []) as readonly string[])),
    ...elements.flatMap(({ binding }) => ((binding as Json | undefined)?.valueSet as string | undefined) ?? []),
    ...objects((compose as Json | undefined)?.include).flatMap(({ system, concept, valueSet }) => [
      ...((valueSet ?? []) as readonly string[]),
      ...(typeof system === 'string' && concept === undefined ? [system] : []),
    ]),
  ].map(withoutVersion);
}

/**
 * A package reduced to what is validated, with the extensions, value sets and code systems of `core` that it refers to, one
 * through another. In the order of their kinds and URLs.
 */
export function reducePackage(definitions: readonly Definition[], core: readonly Definition[]): readonly Json[] {
  const ownUrls = new Set(definitions.map(({ url }) => url));
  const coreByUrl = new Map(core.filter(isCarried).map((one) => [one.url!, one]));
  const found = new Map<string, Json>(
    definitions.filter(({ url }) => url !== undefined).map((one) => [one.url!, reduced(one)]),
  );
  for (let news = [...found.values()]; news.length > 0; ) {
    const urls = new Set(news.flatMap(referredBy).filter((url) => !ownUrls.has(url) && !found.has(url)));
    news = [...urls].flatMap((url) => {
      const one = coreByUrl.get(url);
      return one === undefined ? [] : [reduced(one)];
    });
    for (const one of news) found.set(String(one.url), one);
  }
  const keyOf = ({ resourceType, url }: Json): string => `${String(resourceType)} ${String(url)}`;
  return [...found.values()].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** Of R4's own: whole code systems, value sets, extensions; types are in the tables already. */
const isCarried = ({ resourceType, url, content, type }: Definition): boolean =>
  url !== undefined &&
  (resourceType === 'ValueSet' ||
    (resourceType === 'CodeSystem' && content === 'complete') ||
    (resourceType === 'StructureDefinition' && type === 'Extension'));
