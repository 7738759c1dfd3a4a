import { openSns } from '../../../adapters/aws/open-sns';
import { unsupported } from '../function-parts';
import type { OptionalAdapters } from './lambda-parts';

/** What functions that publish events need besides. */
export const eventAdapters: OptionalAdapters = {
  events: (binding) => (binding.kind === 'sns' ? openSns(binding) : unsupported('Lambda', binding.kind)),
};
