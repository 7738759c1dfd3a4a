import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';

const { optionsOf } = require('../../../functions/cli/build.js') as { optionsOf(name: string): BuildOptions };

const bundleOf = (name: string) => {
  const { outputFiles, metafile } = buildSync({ ...optionsOf(name), write: false, metafile: true, sourcemap: false });
  return { bytes: outputFiles?.[0]?.contents ?? new Uint8Array(), metafile: metafile as Metafile };
};

const vendors = {
  aws: /node_modules\/@aws-sdk\//,
  azure: /node_modules\/@azure\//,
  pulumi: /node_modules\/@pulumi\//,
};

describe('bundles', function () {
  this.timeout(60_000);

  it('are equal byte for byte when built twice', () => {
    const digest = (): string => createHash('sha256').update(bundleOf('knative').bytes).digest('hex');
    assert.equal(digest(), digest());
  });

  it('of the Knative host hold no SDK of another cloud, and no test or command line', () => {
    const inputs = Object.keys(bundleOf('knative').metafile.inputs);
    assert.ok(inputs.some((path) => path === 'functions/hosts/knative/main.ts'));
    const foreign = inputs.filter(
      (path) => vendors.azure.test(path) || vendors.pulumi.test(path) || /^(tests|functions\/cli)\//.test(path),
    );
    assert.deepEqual(foreign, []);
  });

  it('of one machine hold no SDK of any cloud', () => {
    const inputs = Object.keys(bundleOf('lake').metafile.inputs);
    assert.deepEqual(
      inputs.filter((path) => Object.values(vendors).some((vendor) => vendor.test(path))),
      [],
    );
  });
});
