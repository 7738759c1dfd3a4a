import { listOf } from '../reachability/input-values';

/** A resource as rules see it, whether the engine or a recording gives it. */
export interface GuardedResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Inputs, and what the provider answered where it did: id, ARN. */
  readonly props: Readonly<Record<string, unknown>>;
  /** URNs of the resources a property's value comes from, where the engine tells; it knows them before it knows the value. */
  readonly sources?: Readonly<Record<string, readonly string[]>>;
  /** The engine refuses to delete or replace it. */
  readonly protect?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The value at a path of names (`spec.template.spec`); undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Fields)[key] : undefined),
      value,
    );
}

export const listAt = (value: unknown, path: string): readonly unknown[] => listOf(at(value, path));
export const textsAt = (value: unknown, path: string): readonly string[] =>
  listAt(value, path).filter((item): item is string => typeof item === 'string');
export const textAt = (value: unknown, path: string): string => {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
};
export const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
/** The last part of a type: `Bucket` of `aws:s3/bucket:Bucket`. */
export const kindOf = ({ type }: Pick<GuardedResource, 'type'>): string => type.slice(type.lastIndexOf(':') + 1);
