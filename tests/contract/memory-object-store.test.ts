import { MemoryObjectStore } from '../../adapters/local/memory-object-store';
import { hasNoNetwork } from '../support/without-network';
import { objectStoreContract } from './object-store.contract';
import { walkThrough } from './object-store-harness';

const memory = async () => ({ store: new MemoryObjectStore(), streams: false, stop: async () => undefined });
objectStoreContract('memory', memory);
hasNoNetwork('ObjectStore: memory', 'and no disk', async () => walkThrough(await memory()));
