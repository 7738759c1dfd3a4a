import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { compileFunction } from 'node:vm';
import { deflateRawSync } from 'node:zlib';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const { besideOf, optionsOf } = require('../../../functions/cli/build.js') as Record<
  'besideOf' | 'optionsOf',
  (name: string) => BuildOptions
>;

const bundleOf = async (name: string, of = optionsOf) => {
  const { outputFiles, metafile } = await build({
    ...of(name),
    write: false,
    metafile: true,
    sourcemap: false,
    legalComments: 'none',
  });
  return { bytes: outputFiles?.[0]?.contents ?? new Uint8Array(), metafile: metafile as Metafile };
};

const digestOf = ({ bytes }: { readonly bytes: Uint8Array }): string =>
  createHash('sha256').update(bytes).digest('hex');

const vendors = {
  aws: /node_modules\/@aws-sdk\//,
  azure: /node_modules\/@azure\//,
  pulumi: /node_modules\/@pulumi\//,
};

const made = new Map<string, ReturnType<typeof bundleOf>>();
/** Built once for all that look at it. */
function bundle(name: string) {
  const known = made.get(name) ?? bundleOf(name);
  made.set(name, known);
  return known;
}

/** Clients of services among the modules of a bundle. */
const clientsOf = (inputs: readonly string[]): readonly string[] =>
  [...new Set(inputs.flatMap((path) => /node_modules\/@aws-sdk\/(client-[a-z0-9-]+)/.exec(path)?.[1] ?? []))].sort();

describe('bundles', function () {
  this.timeout(60_000);

  it('are equal byte for byte when built twice', async () => {
    assert.equal(digestOf(await bundleOf('knative')), digestOf(await bundle('knative')));
  });

  it('of the Knative host hold no SDK of another cloud, and no test or command line', async () => {
    const inputs = Object.keys((await bundle('knative')).metafile.inputs);
    assert.ok(inputs.some((path) => path === 'functions/hosts/knative/main.ts'));
    const foreign = inputs.filter(
      (path) => vendors.azure.test(path) || vendors.pulumi.test(path) || /^(tests|functions\/cli)\//.test(path),
    );
    assert.deepEqual(foreign, []);
    // Of the one SDK it has, the client of the endpoint that a site's store speaks.
    assert.deepEqual(clientsOf(inputs), ['client-s3']);
  });

  it('of one machine hold no SDK of any cloud', async () => {
    const inputs = Object.keys((await bundle('lake')).metafile.inputs);
    assert.deepEqual(
      inputs.filter((path) => Object.values(vendors).some((vendor) => vendor.test(path))),
      [],
    );
  });

  const lambda = (name: string) => bundle(`aws-lambda/${name}/index`);

  it('of a Lambda function hold the SDK of its vendor alone, without its chain of credentials', async () => {
    const inputs = Object.keys((await lambda('ingest')).metafile.inputs);
    assert.ok(inputs.some((path) => vendors.aws.test(path)));
    // Libraries that ask classes for their names would go wrong in a bundle that keeps none.
    const asksNames = /node_modules\/(oidc-provider|koa)\//;
    const foreign = [
      ...[vendors.azure, vendors.pulumi, /^(tests|functions\/cli)\//],
      ...[/credential-provider-/, /@duckdb/, asksNames],
    ];
    assert.deepEqual(
      inputs.filter((path) => foreign.some((one) => one.test(path))),
      [],
    );
  });

  it('of the ingest function on Lambda leave out what its starts would compile and never use', async () => {
    const { bytes, metafile } = await lambda('ingest');
    const text = Buffer.from(bytes).toString();
    // A schema of S3 of an operation in use, and one of another.
    const schemas = ['PutObjectRequest', 'ListMultipartUploadsRequest'].map((name) => text.includes(`"${name}"`));
    assert.deepEqual(schemas, [true, false]);
    assert.doesNotMatch(text, /require\("(node:)?http2"\)/);
    const inputs = Object.keys(metafile.inputs);
    assert.deepEqual(
      inputs.filter((path) => path.includes('/event-streams/')),
      [],
    );
  });

  it('of the ingest function on Lambda are under 600 KB as they are uploaded', async () => {
    const beside = await bundleOf('aws-lambda/ingest/index', besideOf);
    assert.ok(Object.keys(beside.metafile.inputs).some((path) => path.endsWith('/fhirpath/src/fhirpath.js')));
    const loaded = { exports: {} as { compile?: unknown } };
    compileFunction(Buffer.from(beside.bytes).toString(), ['module', 'require', '__filename'])(
      loaded,
      require,
      __filename,
    );
    assert.equal(typeof loaded.exports.compile, 'function');
    const zipped = [await lambda('ingest'), beside].map(({ bytes }) => deflateRawSync(bytes).length);
    const total = zipped.reduce((sum, length) => sum + length);
    assert.ok(total < 600_000, `${total} bytes`);
  });

  it('of Lambda functions carry the clients they use and no SDK of another cloud', async () => {
    const uses = async (name: string) => {
      const inputs = Object.keys((await lambda(name)).metafile.inputs);
      assert.ok(!inputs.some((path) => vendors.azure.test(path) || vendors.pulumi.test(path)), name);
      return [clientsOf(inputs), inputs.some((path) => path.includes('adapters/duckdb'))];
    };
    assert.deepEqual(
      [await uses('dispatch'), await uses('curate')],
      [
        [['client-kms', 'client-s3', 'client-sns'], false],
        [['client-glue', 'client-kms', 'client-s3'], true],
      ],
    );
  });

  it('of Lambda functions are equal byte for byte when built twice', async () => {
    assert.equal(digestOf(await bundleOf('aws-lambda/dispatch/index')), digestOf(await lambda('dispatch')));
  });
});
