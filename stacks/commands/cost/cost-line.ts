import type { RecordedResource } from '../resource-graph';
import type { CostDriver, Drivers } from './drivers';

/** So much of one priced thing. */
export interface CostLine {
  /** Name in the price file. */
  readonly price: string;
  readonly quantity: number;
  readonly driver: CostDriver;
}

/** What one resource costs in a month of this use, beside the others of its stack. */
export type CostOf = (
  resource: RecordedResource,
  use: Drivers,
  stack: readonly RecordedResource[],
) => readonly CostLine[];

/** What each type of resource of a target costs, and the types that cost nothing by themselves. */
export interface CostModel {
  readonly costs: Readonly<Record<string, CostOf>>;
  /** Types; one that ends in `*` is every type that begins so. */
  readonly free: readonly string[];
}

/** Hours of a month, as clouds count them. */
export const monthHours = 730;
export const monthDays = 30;

export const line = (price: string, quantity: number, driver: CostDriver = 'standing'): CostLine => ({
  price,
  quantity: Number.isFinite(quantity) ? quantity : 0,
  driver,
});

/** A number at a path of inputs. */
export function amountAt(inputs: unknown, path: string): number | undefined {
  const found = path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], inputs);
  const amount = typeof found === 'string' ? Number.parseFloat(found) : found;
  return typeof amount === 'number' && Number.isFinite(amount) ? amount : undefined;
}
