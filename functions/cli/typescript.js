// Lets Node load the TypeScript of this repository as it stands, for tests and generators: `node -r ./functions/cli/typescript.js FILE`.
// Node's own type stripping wants extensions in imports, and ts-node loads a whole compiler into every process that a test starts.
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { _extensions: loaders, setSourceMapsSupport } = require('node:module');
const { join } = require('node:path');
const { transformSync, version } = require('esbuild');

// Not those of packages: with them, tests that make thousands of errors took five times as long.
setSourceMapsSupport(true, { nodeModules: false });
loaders['.ts'] = (module, sourcefile) => {
  module._compile(javaScriptOf(sourcefile), sourcefile);
};

const options = { loader: 'ts', format: 'cjs', target: 'node22', sourcemap: 'inline', sourcesContent: false };
const kept = join(__dirname, '..', '..', 'dist', 'transformed');
const digestOf = (...texts) => createHash('sha256').update(JSON.stringify(texts)).digest('hex');

/** Kept beside the bundles: a process of tests loads hundreds of files, most of them as they were the last time. */
function javaScriptOf(sourcefile) {
  const source = readFileSync(sourcefile, 'utf8');
  const place = join(kept, `${digestOf(sourcefile)}.js`);
  const ending = `\n// ${digestOf(source, version, options)}\n`;
  try {
    const known = readFileSync(place, 'utf8');
    if (known.endsWith(ending)) return known;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const code = transformSync(source, { ...options, sourcefile }).code + ending;
  try {
    mkdirSync(kept, { recursive: true });
    const whole = `${place}.${process.pid}`;
    writeFileSync(whole, code);
    renameSync(whole, place);
  } catch (error) {
    // A checkout that cannot be written is transformed each time.
    if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code)) throw error;
  }
  return code;
}
