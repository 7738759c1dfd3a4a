import { LakeError } from '../../adapters/ports/errors';
import { Random } from './random';

/** Numbers there are in the 999 range: six free digits, less those whose check digit would be 10. */
const sixDigits = 1_000_000;

/** The check digit of nine digits by modulus 11 (NHS Data Dictionary, NHS NUMBER); undefined where it would be 10. */
export function nhsCheckDigit(nineDigits: string): number | undefined {
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += Number(nineDigits[index]) * (10 - index);
  const check = 11 - (sum % 11);
  return check === 11 ? 0 : check === 10 ? undefined : check;
}

/**
 * NHS numbers for people who do not exist: valid by modulus 11 and only in the range 999, which is never issued. Walks the
 * six free digits in steps that visit each of them once, so no number comes twice and nothing needs to be remembered.
 * Error: `InvalidArgument` when the range is used up (about 909,000 numbers).
 */
export class NhsNumberSource {
  readonly #step: number;
  #at: number;
  #left = sixDigits;

  constructor(seed: string) {
    const random = new Random(seed, 'nhs-numbers');
    // Odd and no multiple of five: coprime to a million, so the walk comes round only after all of them.
    this.#step = random.whole(10_000, 90_000) * 10 + random.pick([1, 3, 7, 9]);
    this.#at = random.whole(0, sixDigits - 1);
  }

  next(): string {
    for (; this.#left > 0; this.#left -= 1) {
      this.#at = (this.#at + this.#step) % sixDigits;
      const nine = `999${String(this.#at).padStart(6, '0')}`;
      const check = nhsCheckDigit(nine);
      if (check !== undefined) {
        this.#left -= 1;
        return `${nine}${check}`;
      }
    }
    throw new LakeError(
      'InvalidArgument',
      'The 999 range of NHS numbers is used up. A population holds at most 800,000 people.',
    );
  }
}
