// What Pulumi runs: plain JavaScript that loads the bundle of the program, remade when a source is another. Without it a preview
// loads a compiler and compiles 220 files, which takes longer than all that the program does.
require('./before-pulumi');
const { buildWhenStale } = require('../functions/cli/build.js');

// A function: Pulumi calls it when this module is loaded, and every trace is the frames of a loader shorter.
module.exports = () => require(buildWhenStale('stack')).deploy();
