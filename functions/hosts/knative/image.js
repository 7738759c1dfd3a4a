// Puts together what the container image holds (dist/image): the bundle, DuckDB's native parts, the mart library and a bill
// of materials. Deterministic: the same sources and lock file give the same bytes. `npm run image` calls it.
const { execFileSync } = require('node:child_process');
const { cpSync, mkdirSync, rmSync, writeFileSync, copyFileSync } = require('node:fs');
const { join } = require('node:path');
const { buildWhenStale } = require('../../cli/build.js');

const root = join(__dirname, '..', '..', '..');

/** CycloneDX by npm itself; the serial number and the time would differ from build to build. */
function billOfMaterials() {
  const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { serialNumber, ...sbom } = JSON.parse(text);
  const { timestamp, ...metadata } = sbom.metadata;
  return `${JSON.stringify({ ...sbom, metadata }, undefined, 1)}\n`;
}

function assembleImage(target = join(root, 'dist', 'image')) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'node_modules'), { recursive: true });
  copyFileSync(buildWhenStale('knative'), join(target, 'knative.js'));
  cpSync(join(root, 'node_modules', '@duckdb'), join(target, 'node_modules', '@duckdb'), {
    recursive: true,
    dereference: true,
  });
  cpSync(join(root, 'functions', 'marts', 'library'), join(target, 'functions', 'marts', 'library'), {
    recursive: true,
  });
  writeFileSync(join(target, 'sbom.json'), billOfMaterials());
  return target;
}

module.exports = { assembleImage };
if (require.main === module) process.stdout.write(`${assembleImage()}\n`);
