import type { Tokeniser } from './tokens';

/** The tokeniser of a process, made anew when the key was rotated meanwhile. */
export class Pseudonyms {
  readonly #read: () => Promise<Tokeniser>;
  #tokeniser: Tokeniser;

  private constructor(read: () => Promise<Tokeniser>, tokeniser: Tokeniser) {
    this.#read = read;
    this.#tokeniser = tokeniser;
  }

  /** @param read opens the keys as they are at that moment. */
  static async open(read: () => Promise<Tokeniser>): Promise<Pseudonyms> {
    return new Pseudonyms(read, await read());
  }

  get tokeniser(): Tokeniser {
    return this.#tokeniser;
  }

  /** Reads the keys again; gives whether there is a newer one. */
  async renew(): Promise<boolean> {
    const { version } = this.#tokeniser;
    this.#tokeniser = await this.#read();
    return this.#tokeniser.version > version;
  }
}
