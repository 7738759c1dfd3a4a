#!/usr/bin/env node
// The launcher of the `lake` command: plain JavaScript, so that it starts on any Node and finds the right one. The lake
// needs Node 22.18; npm brings Node 24 as a development dependency, so an older system Node is no obstacle.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');
const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 22 || (major === 22 && minor >= 18);

if (newEnough) {
  require(require('./build.js').buildWhenStale('lake')).main(process.argv.slice(2));
} else {
  const node = join(root, 'node_modules', '.bin', 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `lake needs Node 22.18 or newer, this is ${process.versions.node}. Run npm ci, which brings one.\n`,
    );
    process.exit(2);
  }
  // The child gets the terminal's signals itself; this process only waits for it and passes its exit code on.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  const { status, signal } = spawnSync(node, [__filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? (signal === 'SIGINT' ? 130 : 143));
}
