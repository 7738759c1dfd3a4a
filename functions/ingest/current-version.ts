import type { Pseudonyms } from '../privacy/pseudonyms';
import type { Ledger } from './ledger';

/** The current version of a resource by its provider's own id; also while, or after, the pseudonym key is rotated. */
export const currentVersion =
  (ledger: Pick<Ledger, 'head'>, pseudonyms: Pseudonyms): Ledger['head'] =>
  async (provider, type, id) => {
    for (;;) {
      for (const one of pseudonyms.tokeniser.rekeyCandidates(provider, type, id)) {
        const found = await ledger.head(provider, type, one);
        if (found !== undefined) return found;
      }
      if (!(await pseudonyms.renew())) return undefined;
    }
  };
