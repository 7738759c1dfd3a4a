// Lets Node load the TypeScript of this repository as it stands, for tests and generators: `node -r ./functions/cli/typescript.js FILE`.
// Node's own type stripping wants extensions in imports, and ts-node loads a whole compiler into every process that a test starts.
const { readFileSync } = require('node:fs');
const { _extensions: loaders, setSourceMapsSupport } = require('node:module');
const { transformSync } = require('esbuild');

// Not those of packages: with them, tests that make thousands of errors took five times as long.
setSourceMapsSupport(true, { nodeModules: false });
loaders['.ts'] = (module, sourcefile) => {
  const options = {
    loader: 'ts',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile,
  };
  module._compile(transformSync(readFileSync(sourcefile, 'utf8'), options).code, sourcefile);
};
