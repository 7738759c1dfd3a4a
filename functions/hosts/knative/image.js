// Puts together what the container image holds (dist/image): the bundle, DuckDB's native parts, the mart library and a bill
// of materials. Deterministic: the same sources and lock file give the same bytes. `npm run image` calls it.
const { execFileSync } = require('node:child_process');
const { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { buildWhenStale, optionsOf } = require('../../cli/build.js');

const root = join(__dirname, '..', '..', '..');
/** Native code stays as npm put it. */
const beside = join('node_modules', '@duckdb');

/** NAME@VERSION of every package whose code the image holds: what the bundle is made of, and DuckDB beside it. */
function packagesOfImage() {
  const { buildSync } = require('esbuild');
  const { metafile } = buildSync({ ...optionsOf('knative'), write: false, metafile: true, sourcemap: false });
  const folders = new Set(readdirSync(join(root, beside)).map((name) => join(beside, name)));
  for (const path of Object.keys(metafile.inputs)) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const manifests = [...folders].map((folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));
  return new Set(manifests.map(({ name, version }) => `${name}@${version}`));
}

/**
 * CycloneDX by npm itself, of what the image holds and not of all that the repository installs (npm's own `--omit dev` leaves out
 * what a development package uses too: 33 packages of the image). The serial number, the time and the folder's name would differ
 * from build to build.
 */
function billOfMaterials() {
  const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { serialNumber, ...sbom } = JSON.parse(text);
  const { timestamp, component, ...metadata } = sbom.metadata;
  const held = packagesOfImage();
  const components = sbom.components.filter(({ name, version }) => held.has(`${name}@${version}`));
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const unknown = [...held].filter((one) => !listed.has(one));
  if (unknown.length > 0) throw new Error(`In the image and not in the lock file: ${unknown.join(', ')}`);
  const references = new Set([component['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  const dependencies = sbom.dependencies
    .filter(({ ref }) => references.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => references.has(one)) }));
  const named = { ...component, name: require(join(root, 'package.json')).name };
  return `${JSON.stringify({ ...sbom, metadata: { ...metadata, component: named }, components, dependencies }, undefined, 1)}\n`;
}

function assembleImage(target = join(root, 'dist', 'image')) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'node_modules'), { recursive: true });
  copyFileSync(buildWhenStale('knative'), join(target, 'knative.js'));
  cpSync(join(root, beside), join(target, beside), { recursive: true, dereference: true });
  cpSync(join(root, 'functions', 'marts', 'library'), join(target, 'functions', 'marts', 'library'), {
    recursive: true,
  });
  writeFileSync(join(target, 'sbom.json'), billOfMaterials());
  return target;
}

module.exports = { assembleImage, billOfMaterials };
if (require.main === module) process.stdout.write(`${assembleImage()}\n`);
