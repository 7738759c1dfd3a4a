declare const unit: unique symbol;
/** A number that says what it counts: bytes never meet milliseconds. */
type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type Mebibytes = Quantity<'MiB'>;
export type Millicores = Quantity<'millicores'>;

const whole = (value: number, name: string): number => {
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new RangeError(`${name}: a whole number above 0 is allowed. Round it or name another unit.`);
  return value;
};

export const mebibytes = (value: number): Mebibytes => whole(value, 'mebibytes') as Mebibytes;
export const gibibytes = (value: number): Mebibytes => mebibytes(value * 1024);
export const millicores = (value: number): Millicores => whole(value, 'millicores') as Millicores;

/** As Kubernetes writes memory and storage: `512Mi`. */
export const memoryText = (value: Mebibytes): string => `${value}Mi`;
/** As Kubernetes writes processor time: `250m`. */
export const cpuText = (value: Millicores): string => `${value}m`;
