import assert from 'node:assert/strict';
import { PortabilityMatrix } from '../../emulators/portability-matrix';

describe('PortabilityMatrix', () => {
  it('says what was proven, refused, failed and not run, and leaves no cell blank', () => {
    const matrix = new PortabilityMatrix();
    matrix.add(['Store: files', 'keys', 'one'], 'passed');
    matrix.add(['Store: files', 'keys', 'two'], 'passed');
    matrix.add(['Store: files', 'holds', 'refused as declared: Unsupported'], 'passed');
    matrix.add(['Store: S3', 'keys', 'one'], 'passed');
    matrix.add(['Store: S3', 'keys', 'two'], 'failed');
    matrix.add(['Store: S3', 'holds', 'one'], 'passed');
    matrix.add(['Store: S3', 'holds', 'not run: the server forgets'], 'pending');
    matrix.add(['Store: S3', 'faults', 'one'], 'passed');
    matrix.add(['Store: files', 'faults', 'no network: a full disk'], 'passed');
    matrix.add(['Store: S3', 'ranges', 'one'], 'passed');
    matrix.add(['Store: Azure', 'not run: set A'], 'pending');
    matrix.add(['some other suite', 'x', 'y'], 'failed');
    assert.equal(
      matrix.toMarkdown(),
      [
        '## Store',
        '',
        '|  | files | S3 | Azure |',
        '| --- | --- | --- | --- |',
        '| keys | proven (2) | **failed** (1 of 2) | not run: set A |',
        '| holds | refused as declared | proven (1); not run: the server forgets | not run: set A |',
        '| faults | no network: a full disk | proven (1) | not run: set A |',
        '| ranges | not run: no suite for it | proven (1) | not run: set A |',
        '',
      ].join('\n'),
    );
  });

  it('does not lose a hook that failed before any test ran', () => {
    const matrix = new PortabilityMatrix();
    matrix.add(['Store: files', '"before all" hook'], 'failed');
    matrix.add(['Store: S3', 'not run: set B'], 'pending');
    assert.match(matrix.toMarkdown(), /\| the suite itself \| \*\*failed\*\* \(1 of 1\) \| not run: set B \|/);
  });
});
