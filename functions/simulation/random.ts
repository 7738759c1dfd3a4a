import { createHash } from 'node:crypto';

/**
 * A small generator of numbers that depend on its seed alone: the same seed gives the same population on every machine.
 * The state is four 32-bit words taken from SHA-256 of the seed; the step is the "small fast counter" construction
 * (C. Doty-Humphrey, PractRand). Not for secrets. Only operations that are exact in IEEE 754 are used, so no logarithms.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(...seed: readonly (string | number)[]) {
    const digest = createHash('sha256').update(JSON.stringify(seed)).digest();
    this.#a = digest.readUInt32LE(0);
    this.#b = digest.readUInt32LE(4);
    this.#c = digest.readUInt32LE(8);
  }

  /** A whole number of 32 bits, without sign. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 or more, less than 1. */
  fraction(): number {
    return this.word() / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number between the two, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** Picks by weight; weights need not add up to anything. */
  weighted<Item>(items: readonly (readonly [Item, number])[]): Item {
    let left = this.fraction() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return items.at(-1)![0];
  }

  /** Bell-shaped around the mean (sum of six even draws), rounded to a number of decimals. */
  around(mean: number, deviation: number, decimals = 0): number {
    let sum = -3;
    for (let draw = 0; draw < 6; draw += 1) sum += this.fraction();
    const scale = 10 ** decimals;
    // The sum of six even draws has variance 1/2.
    return Math.round((mean + sum * Math.SQRT2 * deviation) * scale) / scale;
  }

  /** How often something happens that happens `mean` times on average: sixteen trials, so at most sixteen times. */
  times(mean: number): number {
    let count = 0;
    for (let trial = 0; trial < 16; trial += 1) if (this.chance(mean / 16)) count += 1;
    return count;
  }

  /** A UUID of version 4 in form (RFC 9562), from this generator. */
  uuid(): string {
    const hex = [this.word(), this.word(), this.word(), this.word()].map((word) => word.toString(16).padStart(8, '0'));
    const [first, second, third, fourth] = hex as [string, string, string, string];
    const variant = ((Number.parseInt(third[0]!, 16) & 0x3) | 0x8).toString(16);
    return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${fourth}`;
  }

  digits(count: number): string {
    let text = '';
    for (let index = 0; index < count; index += 1) text += String(this.whole(0, 9));
    return text;
  }
}
