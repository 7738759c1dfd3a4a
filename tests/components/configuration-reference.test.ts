import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { choice, optional, secretText, wholeNumber } from '../../stacks/config-schema';
import { configurationPages, configurationReference } from '../../stacks/configuration-reference';

describe('The configuration reference', () => {
  it('is what the schema says: `npm run config:reference` makes it anew', () => {
    for (const page of configurationPages)
      assert.equal(readFileSync(page.path, 'utf8'), configurationReference(page), page.path);
  });

  it('has a row for each setting, with defaults, and none for a secret', () => {
    const settings = {
      size: wholeNumber(1, 9, 'How large.', 3),
      kind: choice(['a', 'b'], 'Which.'),
      other: optional(choice(['x|y'], 'Perhaps.')),
      root: secretText('a long text', 'Hidden.'),
    };
    const page = configurationReference({ title: 'Settings', source: 'here', settings });
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    assert.deepEqual(rows, [
      '| `size` | How large. | a whole number from 1 to 9 | `3` |',
      '| `kind` | Which. | a, b | required |',
      '| `other` | Perhaps. | x\\|y | none |',
      '| `root` | Hidden. | a long text | required, secret |',
    ]);
  });
});
