// Leaves out what Pulumi's SDK does for those who debug the SDK itself: half of the time of a preview. PULUMI_DEBUG_PROMISE_LEAKS brings
// traces and messages back.
if (process.env.PULUMI_DEBUG_PROMISE_LEAKS === undefined) {
  const log = require('@pulumi/pulumi/log');
  const debuggable = require('@pulumi/pulumi/runtime/debuggable');
  const { Resource } = require('@pulumi/pulumi');

  // Three messages for each resource, sent one after another, that only `--debug` shows.
  log.debug = async () => undefined;

  // What is sent is still watched, without the trace of who made it. The four promises of a property settle with the registration of its
  // resource, which is watched: they are not, each by itself.
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    if (context.startsWith('transfer')) return promise;
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };

  // Where a resource was made is a line of the bundle, the same for all parts of components, and more than half of what is sent of it.
  Resource.stackTrace = () => [];
}
