import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProfilePackages, sitePackages } from '../../../functions/ingest/profile-folder';

describe('The packages of a site', () => {
  it('are none where it names no folder, and refused where the folder it names has none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-packages-'));
    try {
      assert.deepEqual(sitePackages(undefined), []);
      for (const named of [folder, join(folder, 'nowhere')]) {
        assert.deepEqual(readProfilePackages(named), []);
        assert.throws(() => sitePackages(named), /The folder of FHIR packages holds none/);
      }
      mkdirSync(join(folder, 'one'));
      assert.throws(() => sitePackages(folder), /The package folder one has no JSON definitions/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
