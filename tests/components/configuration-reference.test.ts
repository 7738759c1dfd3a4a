import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { schema } from '../../stacks/config';
import { choice, optional, secretText, wholeNumber } from '../../stacks/config-schema';
import { configurationPage, configurationReference } from '../../stacks/configuration-reference';

describe('The configuration reference', () => {
  it('is what the schema says: `npm run config:reference` makes it anew', () => {
    assert.equal(readFileSync(configurationPage, 'utf8'), configurationReference(schema));
  });

  it('has a row for each setting, with defaults, and none for a secret', () => {
    const page = configurationReference({
      size: wholeNumber(1, 9, 'How large.', 3),
      kind: choice(['a', 'b'], 'Which.'),
      other: optional(choice(['x|y'], 'Perhaps.')),
      root: secretText('a long text', 'Hidden.'),
    });
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    assert.deepEqual(rows, [
      '| `size` | How large. | a whole number from 1 to 9 | `3` |',
      '| `kind` | Which. | a, b | required |',
      '| `other` | Perhaps. | x\\|y | none |',
      '| `root` | Hidden. | a long text | required, secret |',
    ]);
  });
});
