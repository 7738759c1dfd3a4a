import { propertyOf } from '../../../functions/fhir/definitions';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../functions/fhir/json';

/** One fault put into a resource, and what a validator must say of it: the issue code, at the place or at what is around it. */
export interface Mutant {
  readonly kind: string;
  readonly resource: JsonObject;
  readonly code: string;
  readonly expression: string;
}

/** An element value in a resource, with all that is known of it. */
export interface Site {
  readonly owner: JsonObject;
  readonly ownerType: string;
  readonly ownerPath: string;
  readonly key: string;
  readonly path: string;
  readonly type: string;
}

export function sitesOf(object: JsonObject, type: string, path: string): Site[] {
  const sites: Site[] = [];
  for (const [key, value] of Object.entries(object)) {
    const property = propertyOf(type, key);
    if (property === undefined || property.sibling) continue;
    const { element } = property;
    const step = element.choice ? `${element.name}.ofType(${property.type.code})` : element.name;
    const here = `${path}.${step}`;
    sites.push({ owner: object, ownerType: type, ownerPath: path, key, path: here, type: property.type.code });
    const items = Array.isArray(value) ? value : [value];
    for (const [index, item] of items.entries()) {
      const below = Array.isArray(value) ? `${here}[${index}]` : here;
      if (isJsonObject(item) && property.type.code !== 'Resource')
        sites.push(...sitesOf(item, property.type.code, below));
    }
  }
  return sites;
}

/** A fault at a site: changes the resource and says what must be found, or undefined where it does not apply. */
export type Mutator = (site: Site) => { readonly code: string; readonly expression: string } | undefined;

export const isPrimitive = (type: string): boolean => /^[a-z]/.test(type);
export const isList = ({ owner, key }: Site): boolean => Array.isArray(owner[key]);
export const first = (path: string, site: Site): string => (isList(site) ? `${path}[0]` : path);
export const put = ({ owner, key }: Site, value: JsonValue): void => {
  owner[key] = Array.isArray(owner[key]) ? [value] : value;
};
export const elementOf = ({ ownerType, key }: Site) => propertyOf(ownerType, key)!.element;
