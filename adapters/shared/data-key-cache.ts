interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly born: number;
  uses: number;
}

export interface CacheBounds {
  readonly entries: number;
  readonly milliseconds: number;
  readonly uses: number;
}

/**
 * Values that are costly to make, kept for so long, so many uses and so many names. Callers that ask for the same name at
 * the same time share one making; one that fails is not kept.
 */
export class DataKeyCache<Value> {
  readonly #bounds: CacheBounds;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(bounds: CacheBounds, now: () => number = () => performance.now()) {
    this.#bounds = bounds;
    this.#now = now;
  }

  get(name: string, make: () => Promise<Value>): Promise<Value> {
    const now = this.#now();
    let entry = this.#entries.get(name);
    if (entry === undefined || entry.uses >= this.#bounds.uses || now - entry.born >= this.#bounds.milliseconds) {
      const made: Entry<Value> = { value: make(), born: now, uses: 0 };
      made.value.catch(() => {
        if (this.#entries.get(name) === made) this.#entries.delete(name);
      });
      this.#entries.delete(name);
      const oldest = this.#entries.keys().next().value;
      if (this.#entries.size >= this.#bounds.entries && oldest !== undefined) this.#entries.delete(oldest);
      this.#entries.set(name, made);
      entry = made;
    }
    entry.uses += 1;
    return entry.value;
  }
}
