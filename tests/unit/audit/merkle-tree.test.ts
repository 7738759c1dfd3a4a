import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson } from '../../../functions/audit/canonical-json';
import { MerkleTree } from '../../../functions/audit/merkle-tree';

/** The definition of RFC 6962 section 2.1, word for word: slow and plain. */
function definition(leaves: readonly Buffer[]): Buffer {
  const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return hash();
  if (leaves.length === 1) return hash(Uint8Array.of(0), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hash(Uint8Array.of(1), definition(leaves.slice(0, k)), definition(leaves.slice(k)));
}

const treeOf = (leaves: readonly Buffer[]) => {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree;
};

describe('MerkleTree', () => {
  it('gives the tree heads of the Certificate Transparency reference tests', () => {
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const heads = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ];
    const tree = new MerkleTree();
    assert.equal(tree.root(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const [index, leaf] of leaves.entries()) {
      tree.append(Buffer.from(leaf, 'hex'));
      assert.equal(tree.root(), heads[index]);
    }
  });

  it('equals the definition for every size, also when it goes on from its frontier', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 70 }), fc.nat(70), (parts, cut) => {
        const leaves = parts.map((part) => Buffer.from(part));
        const first = treeOf(leaves.slice(0, cut));
        const resumed = new MerkleTree(first.size, first.frontier);
        for (const leaf of leaves.slice(cut)) resumed.append(leaf);
        assert.equal(resumed.root(), definition(leaves).toString('hex'));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a frontier of another size', () => {
    const { frontier } = treeOf([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
    for (const size of [0, 1, 4, 7, -1, 1.5]) {
      assert.throws(() => new MerkleTree(size, frontier), { name: 'LakeError', code: 'InvalidArgument' });
    }
  });
});

describe('canonicalJson', () => {
  it('sorts members by UTF-16 code units and writes values as RFC 8785 does', () => {
    // RFC 8785 section 3.2.3: an emoji is two surrogates (U+D83D …) and so sorts before U+FB33.
    const value = { '\ufb33': 1, '\u20ac': 2, '\ud83d\ude00': 3, '1': 4, '\r': 5, '\u0080': 6, ö: 7 };
    assert.equal(canonicalJson(value), '{"\\r":5,"1":4,"\u0080":6,"ö":7,"€":2,"😀":3,"\ufb33":1}');
    assert.equal(
      canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0, '€$\u000f\nA\'B"\\/', null, true]),
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0,"€$\\u000f\\nA\'B\\"\\\\/",null,true]',
    );
  });

  it('does not depend on the order in which members were written, and reads back equal', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(shuffled), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('leaves out undefined members and refuses what has no canonical form', () => {
    assert.equal(canonicalJson({ b: undefined, a: 1 }), '{"a":1}');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 1n, undefined, [undefined]]) {
      assert.throws(() => canonicalJson(value), { name: 'LakeError', code: 'InvalidArgument' });
    }
  });
});
