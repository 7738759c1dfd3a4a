import { openGlue } from '../../../adapters/aws/open-glue';
import { unsupported } from '../function-parts';
import type { OptionalAdapters } from './lambda-parts';

/** What functions that look tables up need besides. */
export const catalogueAdapters: OptionalAdapters = {
  catalogue: (binding) => (binding.kind === 'glue' ? openGlue(binding) : unsupported('Lambda', binding.kind)),
};
