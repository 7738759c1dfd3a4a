import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');
const documents = ['README.md', 'SECURITY.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);

/** Paths of the repository that a document names in code marks; `<vendor>` and the like are no names. */
const pathsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`((?:stacks|components|adapters|functions|tests|docs)\/[^`<> ]*)`/g)].map(([, path]) => path!);

/** Pages that a document links to. */
const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([\w./-]+\.md)(?:#[\w-]+)?\)/g)].map(([, path]) => path!);

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const scriptsIn = (text: string): readonly string[] =>
  [...text.matchAll(/npm run ([a-z][\w:-]*\w)/g)].map(([, name]) => name!);

describe('Documents', () => {
  it('number the decisions one after the other, each under a subject of the index', () => {
    const text = readFileSync(join(root, 'docs/decisions.md'), 'utf8');
    const numbers = [...text.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    const [, index = ''] = /\nBy subject:([\s\S]*?)\n1\. /.exec(text) ?? [];
    const named = [...index.matchAll(/(?:(\d+) to )?(\d+)/g)].flatMap(([, first, last]) =>
      Array.from({ length: Number(last) - Number(first ?? last) + 1 }, (_, more) => Number(first ?? last) + more),
    );
    assert.ok(numbers.length > 150);
    const all = numbers.map((_, before) => before + 1);
    assert.deepEqual(numbers, all);
    assert.deepEqual(
      [...new Set(named)].toSorted((one, other) => one - other),
      all,
    );
  });

  for (const document of documents) {
    const text = readFileSync(join(root, document), 'utf8');
    it(`${document} names files that are there`, () => {
      const missing = pathsIn(text).filter((path) => globSync(path, { cwd: root }).length === 0);
      assert.deepEqual(missing, []);
    });
    it(`${document} names scripts that are there`, () => {
      assert.deepEqual(
        scriptsIn(text).filter((name) => scripts[name] === undefined),
        [],
      );
    });
    it(`${document} links to pages that are there`, () => {
      assert.deepEqual(
        linksIn(text).filter((path) => !existsSync(resolve(root, document, '..', path))),
        [],
      );
    });
  }
});
