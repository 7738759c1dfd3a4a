// Bundles the command line into dist/lake.js, the Knative host into dist/knative.js, the Pulumi program into dist/stack.js and each
// function of the Lambda host into a folder of its own (half a second each); remade when a source is another. Run by npm's `prepare`.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { literalSchemaKeys } = require('./literal-schema-keys.js');

const root = join(__dirname, '..', '..');
const lambdaFolder = join(root, 'functions', 'hosts', 'aws-lambda', 'functions');
const bundles = {
  lake: join(root, 'functions', 'cli', 'main.ts'),
  knative: join(root, 'functions', 'hosts', 'knative', 'main.ts'),
  stack: join(root, 'stacks', 'index.ts'),
  // What is uploaded for one function is its own code: `dist/aws-lambda/<name>/index.js`.
  ...Object.fromEntries(
    readdirSync(lambdaFolder).map((file) => [`aws-lambda/${file.replace('.ts', '')}/index`, join(lambdaFolder, file)]),
  ),
};
const outfile = (name) => join(root, 'dist', `${name}.js`);
const sourcesFile = (name) => join(root, 'dist', `${name.replaceAll('/', '-')}.sources`);

const sourceFolders = ['functions', 'adapters', 'components', 'stacks'];

/**
 * Tells sources and packages apart: every file with its size and time, so that an older one put back, or one taken away, counts as
 * well, and which packages are locked.
 */
function sourcesOf(checkout) {
  const digest = createHash('sha256');
  const lock = join(checkout, 'package-lock.json');
  if (existsSync(lock)) digest.update(readFileSync(lock));
  const add = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        add(path);
        continue;
      }
      const { size, mtimeMs } = statSync(path);
      digest.update(`${path} ${size} ${mtimeMs}\n`);
    }
  };
  for (const folder of sourceFolders) add(join(checkout, folder));
  return digest.digest('hex');
}

const besideLambda = 'fhirpath';
/** Definitions of marts are read, not loaded: they lie beside the code that builds or lists marts. */
const martDefinitions = join('functions', 'marts', 'library');
const readsMarts = ['marts', 'erasure', 'key-rotation', 'operator', 'research'].map(
  (name) => `aws-lambda/${name}/index`,
);

const lambdaHost = (file) => join(root, 'functions', 'hosts', 'aws-lambda', file);

/** A zip of Lambda is read whole at a cold start: it carries what the function uses there, and no comments. */
const forLambda = {
  minify: true,
  legalComments: 'external',
  mainFields: ['module', 'main'],
  plugins: [literalSchemaKeys],
  alias: {
    '@aws-sdk/credential-provider-node': lambdaHost('environment-credentials.ts'),
    '@smithy/core/event-streams': lambdaHost('no-event-streams.ts'),
    'node:http2': lambdaHost('no-http2.ts'),
  },
};

/** oidc-provider tells its models and errors apart by the names of their classes. To keep names costs a start 5 to 7 %. */
const keepsNames = 'aws-lambda/provider-access/index';

const optionsOf = (name) => ({
  entryPoints: [bundles[name]],
  outfile: outfile(name),
  // Paths in the bundle are relative to the repository, wherever the build is started.
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  sourcemap: 'linked',
  loader: { '.sql': 'text', '.md': 'text' },
  // Native code stays where npm put it; deployment verbs load their packages only when they are asked for.
  external: ['@duckdb/node-api', '@pulumi/*', 'esbuild'],
  logLevel: 'warning',
  // ESM-only packages ask where they are; in a bundle the answer is the bundle.
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  ...(name.startsWith('aws-lambda/') ? { ...forLambda, external: ['@duckdb/node-api', besideLambda] } : {}),
  keepNames: name === keepsNames,
  // One machine needs no cloud; a verb that asks a deployed lake loads what it needs for that.
  ...(name === 'lake' ? { external: ['@duckdb/node-api', '@pulumi/*', 'esbuild', '@aws-sdk/*', '@smithy/*'] } : {}),
});

/** A library that rare resources need stands beside the code of a Lambda function: compiling it costs every cold start. */
const besideOf = (name) => ({
  ...optionsOf(name),
  entryPoints: [],
  // Taken as `require` takes it: as an entry point it would be the module that `import` gives.
  stdin: { contents: `module.exports = require('${besideLambda}');`, resolveDir: root },
  outfile: join(dirname(outfile(name)), 'node_modules', besideLambda, 'index.js'),
  external: [],
});

/** @param sources as they were before: what changes meanwhile makes the bundle stale */
async function build(name, sources) {
  const esbuild = require('esbuild');
  const { metafile } = await esbuild.build({ ...optionsOf(name), metafile: true });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  if (name.startsWith('aws-lambda/') && imports.some(({ path }) => path === besideLambda))
    await esbuild.build(besideOf(name));
  if (readsMarts.includes(name)) {
    const beside = join(dirname(outfile(name)), martDefinitions);
    rmSync(beside, { recursive: true, force: true });
    cpSync(join(root, martDefinitions), beside, { recursive: true });
  }
  writeFileSync(sourcesFile(name), sources);
}

/** Gives the path of a bundle that is made of the sources as they are. Whoever loads it waits: it is built by another process. */
function buildWhenStale(name) {
  if (isStale(name, sourcesOf(root))) execFileSync(process.execPath, [__filename, name], { stdio: 'inherit' });
  return outfile(name);
}

const isStale = (name, sources) =>
  ![outfile(name), sourcesFile(name)].every(existsSync) || readFileSync(sourcesFile(name), 'utf8') !== sources;

/** @param names without any: every bundle that is not made of the sources as they are; `npx lake` comes here each time it installs */
async function main(names) {
  const sources = sourcesOf(root);
  const asked = names.length === 0 ? Object.keys(bundles).filter((name) => isStale(name, sources)) : names;
  for (const name of asked) await build(name, sources);
}

module.exports = { besideOf, buildWhenStale, optionsOf, readsMarts, sourcesOf };
if (require.main === module) main(process.argv.slice(2));
