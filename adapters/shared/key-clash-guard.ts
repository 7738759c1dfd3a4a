import { foldersAbove, keyClash } from './object-keys';

/** The two questions that a flat store can answer about its keys. */
export interface KeyQuestions {
  exists(key: string): Promise<boolean>;
  /** Whether any key begins with this prefix. */
  anyUnder(prefix: string): Promise<boolean>;
}

const rememberedFolders = 10_000;

/**
 * Refuses a key that is another's folder where the store itself would take it. Costs a listing of one key a put, and one
 * look at each folder not yet seen; two writers that clash in the same instant are not found out.
 */
export class KeyClashGuard {
  readonly #questions: KeyQuestions;
  readonly #folders = new Set<string>();

  constructor(questions: KeyQuestions) {
    this.#questions = questions;
  }

  async check(key: string): Promise<void> {
    const unseen = foldersAbove(key).filter((folder) => !this.#folders.has(folder));
    const [under, ...keys] = await Promise.all([
      this.#questions.anyUnder(`${key}/`),
      ...unseen.map((folder) => this.#questions.exists(folder)),
    ]);
    // A key that was put as a folder's name since it was remembered is this process's own or refused by this check.
    if (under || keys.includes(true)) throw keyClash();
    for (const folder of unseen) {
      const oldest = this.#folders.values().next().value;
      if (this.#folders.size >= rememberedFolders && oldest !== undefined) this.#folders.delete(oldest);
      this.#folders.add(folder);
    }
  }

  /** A key is gone, so its folders may become keys. */
  forget(key: string): void {
    for (const folder of foldersAbove(key)) this.#folders.delete(folder);
  }
}
