// What Pulumi runs: plain JavaScript that loads the bundle of the program, remade when a source is another. Without it a preview
// loads a compiler and compiles 220 files, which takes longer than all that the program does.
const log = require('@pulumi/pulumi/log');
const { buildWhenStale } = require('../functions/cli/build.js');

// What Pulumi does for those who debug it, which took more than half of a preview: a stack trace for each promise of each property and
// two for each resource, every frame mapped to its source, and three messages for each resource, sent one after another.
// Traces of errors are as Pulumi makes them; those of resources tell a line of the bundle.
if (process.env.PULUMI_DEBUG_PROMISE_LEAKS === undefined) {
  const ofErrors = Error.prepareStackTrace;
  if (ofErrors !== undefined)
    Error.prepareStackTrace = (error, frames) => {
      const asked = frames[0]?.getFunctionName();
      if (asked === 'debuggablePromise') return '';
      return asked === 'callsites' ? ['', ...frames].join('\n    at ') : ofErrors(error, frames);
    };
  log.debug = async () => undefined;
}

// A function: Pulumi calls it when this module is loaded, and every trace is the frames of a loader shorter.
module.exports = () => require(buildWhenStale('stack')).deploy();
