import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceOf } from '../../stacks/commands/evidence';
import { evidenceCsv, evidenceHtml } from '../../stacks/commands/evidence-report';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import { recordedStack } from '../../stacks/commands/recorded-stack';
import { lake } from '../support/lake-command';
import { repository } from '../support/machine-tools';
import { kubernetesMutants } from './kubernetes-mutants';

describe('lake stack evidence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-evidence-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('gives control, resources, property and result, as JSON, page and table', async () => {
    const [page, table] = [join(folder, 'evidence.html'), join(folder, 'evidence.csv')];
    const { code, out } = await lake(
      ...['stack', 'evidence', '--stack', 'dev', '--program', repository, '--json', '--html', page, '--csv', table],
    );
    assert.equal(code, 0);
    const { controls } = JSON.parse(out) as { controls: Record<string, unknown>[] };
    const closed = controls.find(({ id }) => id === 'kubernetes-namespace-closed');
    assert.deepEqual(closed?.resources, ['network-lake', 'network-identity', 'network-keys', 'network-stores']);
    assert.equal(closed?.result, 'pass');
    for (const control of controls)
      assert.deepEqual(Object.keys(control), ['id', 'references', 'resources', 'property', 'result']);
    assert.ok(Array.isArray(closed?.references) && closed.references.includes('CAF B4.a'));
    for (const text of [readFileSync(page, 'utf8'), readFileSync(table, 'utf8')])
      for (const { id } of controls) assert.ok(text.includes(String(id)));
  });

  it('finds nothing wrong with the stack of production on AWS', async () => {
    const { code, out } = await lake('stack', 'evidence', '--stack', 'prod-aws', '--program', repository);
    assert.deepEqual([code, out.match(/^FAIL.*$/gm)], [0, null]);
  });

  it('fails for what is not kept, and names it without a value', async () => {
    const stack = await recordedStack('dev', repository);
    const mutant = kubernetesMutants['kubernetes-container-no-plain-credential'];
    const controls = evidenceOf(guardedGraph(mutant?.(stack) ?? []));
    const failed = controls.filter(({ result }) => result === 'fail');
    assert.deepEqual(
      failed.map(({ id }) => id),
      ['kubernetes-container-no-plain-credential'],
    );
    assert.ok(failed[0]?.findings[0]?.resource.endsWith('-deployment'));
    assert.ok(evidenceHtml('dev', controls).includes('fail'));
  });

  it('keeps a table a table and a page a page, whatever the names are', () => {
    const odd = {
      id: 'x',
      title: '=cmd()',
      references: ['NCSC 1'] as const,
      resources: ['a"b', '<script>'],
      property: 'a,b',
      result: 'pass' as const,
      findings: [],
    };
    assert.equal(evidenceCsv([odd]).split('\r\n')[1], `x,'=cmd(),NCSC 1,"a""b <script>","a,b",pass,`);
    assert.ok(!evidenceHtml('<b>', [odd]).includes('<script>') && !evidenceHtml('<b>', [odd]).includes('<b>'));
  });

  it('says that a stack has no settings here, and what is wrong with a call', async () => {
    const unknown = await lake('stack', 'evidence', '--stack', 'nowhere', '--program', repository);
    assert.deepEqual([unknown.code, unknown.error.includes('There is no Pulumi.nowhere.yaml here')], [1, true]);
    assert.equal((await lake('stack', 'evidence')).code, 2);
  });
});
