// Bundles the command line into dist/lake.js (half a second); remade when a source is newer. Run by npm's `prepare`.
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');
const target = join(root, 'dist', 'lake.js');

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

function build() {
  require('esbuild').buildSync({
    entryPoints: [join(root, 'functions', 'cli', 'main.ts')],
    outfile: target,
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
  });
}

function buildWhenStale() {
  const sources = ['functions', 'adapters'].map((folder) => newest(join(root, folder)));
  if (!existsSync(target) || statSync(target).mtimeMs < Math.max(...sources)) build();
}

module.exports = { buildWhenStale };
if (require.main === module) build();
