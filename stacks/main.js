// What Pulumi runs: plain JavaScript that loads the bundle of the program, remade when a source is another. Without it a preview
// loads a compiler and compiles 220 files, which takes longer than all that the program does.
const { buildWhenStale } = require('../functions/cli/build.js');

// Pulumi takes a stack trace for each promise of each property and two for each resource, and maps every frame of them to its
// source, which took half of a preview: those of promises are read by nobody (PULUMI_DEBUG_PROMISE_LEAKS asks for them), those of
// resources tell a line of the bundle. Traces of errors are as Pulumi makes them.
const ofErrors = Error.prepareStackTrace;
if (ofErrors !== undefined && process.env.PULUMI_DEBUG_PROMISE_LEAKS === undefined)
  Error.prepareStackTrace = (error, frames) => {
    const asked = frames[0]?.getFunctionName();
    if (asked === 'debuggablePromise') return '';
    return asked === 'callsites' ? ['', ...frames].join('\n    at ') : ofErrors(error, frames);
  };

// A function: Pulumi calls it when this module is loaded, and every trace is the frames of a loader shorter.
module.exports = () => require(buildWhenStale('stack')).deploy();
