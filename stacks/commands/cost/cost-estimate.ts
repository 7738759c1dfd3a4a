import type { RecordedResource } from '../resource-graph';
import { awsCosts } from './aws-costs';
import type { CostModel } from './cost-line';
import type { CostDriver, Drivers } from './drivers';
import { kubernetesCosts } from './kubernetes-costs';
import type { PriceFile } from './price-file';

/** What one component costs in a month, in the currency of the price file. */
export interface ComponentCost {
  readonly component: string;
  readonly total: number;
  /** By what drives it; `standing` is paid without any use. */
  readonly drivers: Readonly<Partial<Record<CostDriver, number>>>;
}

export interface CostEstimate {
  readonly total: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly components: readonly ComponentCost[];
  readonly prices: {
    readonly version: string;
    readonly used: readonly string[];
    readonly unverified: readonly string[];
  };
}

/** Nobody has said what a type of resource costs. */
export class UnpricedTypeError extends Error {
  constructor(types: readonly string[]) {
    super(
      `Nobody has said what these cost: ${types.join(', ')}. Say it in stacks/commands/cost, or put them among what is free.`,
    );
    this.name = 'UnpricedTypeError';
  }
}

const models: Readonly<Record<string, CostModel>> = { aws: awsCosts, kubernetes: kubernetesCosts };
/** The target that a stack's resources belong to. */
export const targetOf = (stack: readonly RecordedResource[]): string =>
  stack.some(({ type }) => type.startsWith('aws:')) ? 'aws' : 'kubernetes';

const isFree = ({ free }: CostModel, type: string): boolean =>
  free.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type));
/** To a hundredth. */
const money = (amount: number): number => Math.round(amount * 100) / 100;

/**
 * What a stack costs in a month of this use, by component and driver.
 *
 * @throws UnpricedTypeError for a type of resource that no model knows: an estimate that leaves something out is none.
 */
export function costOf(
  stack: readonly RecordedResource[],
  use: Drivers,
  { prices, currency, version }: PriceFile,
): CostEstimate {
  const unpriced = new Set<string>();
  const sums = new Map<string, Map<CostDriver, number>>();
  const used = new Set<string>();
  const names = new Map(stack.map(({ urn, name }) => [urn, name]));
  for (const resource of stack) {
    // What is only read belongs to the site; a component is its parts.
    if (!resource.custom || resource.read || resource.type.startsWith('pulumi:')) continue;
    const model = models[resource.type.slice(0, resource.type.indexOf(':'))];
    const cost = model?.costs[resource.type];
    if (cost === undefined) {
      if (model === undefined || !isFree(model, resource.type)) unpriced.add(resource.type);
      continue;
    }
    const component = names.get(resource.component) ?? resource.name;
    const sum = sums.get(component) ?? new Map<CostDriver, number>();
    for (const { price, quantity, driver } of cost(resource, use, stack)) {
      const one = prices[price];
      if (one === undefined) throw new RangeError(`The price file has no ${price}.`);
      used.add(price);
      sum.set(driver, (sum.get(driver) ?? 0) + quantity * one.value);
    }
    sums.set(component, sum);
  }
  if (unpriced.size > 0) throw new UnpricedTypeError([...unpriced].sort());
  const components = [...sums]
    .map(([component, drivers]) => ({
      component,
      total: money([...drivers.values()].reduce((sum, amount) => sum + amount, 0)),
      drivers: Object.fromEntries([...drivers].map(([driver, amount]) => [driver, money(amount)])),
    }))
    .filter(({ total }) => total > 0)
    .sort((one, other) => other.total - one.total);
  const total = money(
    [...sums.values()].reduce((sum, drivers) => sum + [...drivers.values()].reduce((a, b) => a + b, 0), 0),
  );
  const unverified = [...used].filter((name) => prices[name]?.verified !== true).sort();
  return { total, currency, components, prices: { version, used: [...used].sort(), unverified } };
}
