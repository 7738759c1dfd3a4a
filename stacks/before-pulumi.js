// Node loads this before Pulumi's SDK (`nodeargs` in Pulumi.yaml), which starts by loading what only those need who send closures as
// code: a quarter of the processor time of a preview. Without the setting `main.js` loads it, later and for less.
const Module = require('node:module');

// The next preview on this machine finds the SDK compiled.
Module.enableCompileCache();

/** Functions of a module that is loaded when one of them is called, not by everything that loads the SDK; but for those given. */
function onDemand(path, given = {}) {
  const file = require.resolve(path);
  if (require.cache[file] !== undefined) return;
  const call =
    (_, name) =>
    (...args) => {
      if (require.cache[file] === standIn) delete require.cache[file];
      return require(file)[name](...args);
    };
  const get = (_, name) => given[name] ?? call(_, name);
  const standIn = Object.assign(new Module(file), { loaded: true, exports: new Proxy({}, { get }) });
  require.cache[file] = standIn;
}

// They bring the TypeScript compiler and npm's solver of dependencies: 900 modules.
onDemand('@pulumi/pulumi/runtime/closure/serializeClosure');
onDemand('@pulumi/pulumi/runtime/closure/codePaths');
// It opens a debugger to learn the file of every function, and turns a flag of V8 on that makes what was compiled before useless.
onDemand('@pulumi/pulumi/runtime/closure/v8Hooks', { isInitializedAsync: async () => undefined });

// From here the SDK is loaded, and made lean before it makes the stack itself.
require('./lean-pulumi');
