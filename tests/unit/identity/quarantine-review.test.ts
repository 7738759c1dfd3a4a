import assert from 'node:assert/strict';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import type { LakeError } from '../../../adapters/ports/errors';
import { QuarantineReview } from '../../../functions/identity/quarantine-review';

describe('a held message that is done with', () => {
  const message = { provider: 'A81001', tracking: '6f1d7c1e-3d5b-4a5e-9d43-0c7f5e1f2a11' };
  const key = `${message.provider}/${message.tracking}.json`;

  /** A store that keeps versions, as the buckets of a deployed lake do. */
  function versioned() {
    const store = new MemoryObjectStore();
    const kept = new Set<string>();
    const review = new QuarantineReview({
      store: {
        read: (name) => store.read(name),
        list: (prefix) => store.list(prefix),
        delete: (name) => store.delete(name),
        purgeVersions: async (name) => void kept.delete(name),
      },
      open: async (sealed) => sealed,
      register: {
        record: async () => undefined,
        replayed: async () => undefined,
      },
    });
    return { store, kept, review };
  }

  it('leaves no earlier version', async () => {
    const { store, kept, review } = versioned();
    await store.put(key, Buffer.from('{}'));
    kept.add(key);
    await review.remove(message);
    await assert.rejects(store.head(key), (error: LakeError) => error.code === 'NotFound');
    assert.equal(kept.size, 0);
  });

  it('leaves none when a crash came between', async () => {
    const { kept, review } = versioned();
    kept.add(key);
    await review.remove(message);
    assert.equal(kept.size, 0);
  });
});
