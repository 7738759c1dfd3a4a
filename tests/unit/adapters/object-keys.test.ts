import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isLakeError } from '../../../adapters/ports/errors';
import { checkObjectKey, compareObjectKeys, foldersAbove } from '../../../adapters/shared/object-keys';

describe('object keys', () => {
  it('compare as their UTF-8 bytes do', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '/', '-', 'é', '\ud7ff', '\ue000', '\uffff', '𝒶', '👩', '\u{10ffff}'),
    });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        assert.equal(Math.sign(compareObjectKeys(left, right)), bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('a key that passes cannot leave its folder, and no refusal repeats it', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'secret', '/', '\\', '\n', '%2e%2e', '.store', ' ', 'é', '\ud800');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/')),
        (key) => {
          try {
            checkObjectKey(key);
          } catch (error) {
            assert.ok(isLakeError(error, 'InvalidArgument') && !error.message.includes('secret'));
            return;
          }
          const url = new URL(encodeURIComponent(key).replaceAll('%2F', '/'), 'http://store/zone/');
          assert.ok(url.pathname.startsWith('/zone/') && !/[\\\n]|\/\/|^$/.test(key));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('folders above a key, outermost first', () => {
    assert.deepEqual(foldersAbove('a/b/c'), ['a', 'a/b']);
    assert.deepEqual(foldersAbove('a'), []);
  });
});
