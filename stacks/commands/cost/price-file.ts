import awsPrices from './aws-prices.json';
import kubernetesPrices from './kubernetes-prices.json';

/** One price, and how far it can be trusted. */
export interface Price {
  /** In the file's currency, for one `unit`. */
  readonly value: number;
  readonly unit: string;
  readonly region: string;
  /** The page it stands on. */
  readonly source: string;
  /** When it was written down: `2026-11-21`. */
  readonly date: string;
  /** True when somebody held it against the source on that date. */
  readonly verified: boolean;
}

export interface PriceFile {
  readonly target: string;
  readonly version: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly note?: string;
  readonly prices: Readonly<Record<string, Price>>;
}

/** A price file cannot be used. */
export class PriceFileError extends Error {
  constructor(problem: string) {
    super(`${problem} A price file is JSON as in stacks/commands/cost/aws-prices.json.`);
    this.name = 'PriceFileError';
  }
}

const shipped: readonly PriceFile[] = [awsPrices, kubernetesPrices];

/** The prices that come with the lake. */
export function pricesOf(target: string): PriceFile {
  const found = shipped.find((file) => file.target === target);
  if (found === undefined) throw new PriceFileError(`There are no prices for the target ${target}.`);
  return found;
}

/** A file of the site: its prices in place of the shipped ones of the same names, in one currency. */
export function withPrices(base: PriceFile, text: string): PriceFile {
  const given = parsed(text);
  const { currency = base.currency, version = base.version, prices } = given;
  if (typeof prices !== 'object' || prices === null) throw new PriceFileError('The file has no prices.');
  for (const [name, price] of Object.entries(prices)) {
    if (!(name in base.prices))
      throw new PriceFileError(
        `The file prices something that nothing uses; the names are ${Object.keys(base.prices).join(', ')}.`,
      );
    if (typeof price?.value !== 'number' || !(price.value >= 0))
      throw new PriceFileError(`The price of ${name} is no number of 0 or more.`);
  }
  const kept = Object.keys(base.prices).filter((name) => !(name in prices));
  if (currency !== base.currency && kept.length > 0)
    throw new PriceFileError(
      `The file is in another currency, so it has to price everything; it leaves out ${kept.join(', ')}.`,
    );
  return { ...base, currency, version, prices: { ...base.prices, ...prices } };
}

function parsed(text: string): Partial<PriceFile> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Partial<PriceFile>;
  } catch {
    // Said below.
  }
  throw new PriceFileError('The file is no JSON object.');
}
