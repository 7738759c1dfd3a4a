import { MemoryObjectStore } from '../../adapters/local/memory-object-store';
import { objectStoreContract } from './object-store.contract';

objectStoreContract('memory', async () => ({
  store: new MemoryObjectStore(),
  streams: false,
  stop: async () => undefined,
}));
