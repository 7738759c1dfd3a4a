/**
 * Makes a resource without the stack traces that Pulumi writes for every promise it holds, four of each property
 * (@pulumi/pulumi runtime/debuggable.js): they took most of the time of a large stack. Where a resource was made is recorded all the same,
 * as Resource.callsites sets a limit of its own, and an error has the trace of whoever asked for the resource.
 */
export function untraced<Made>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } catch (error) {
    Error.stackTraceLimit = stackTraceLimit;
    if (error instanceof Error) Error.captureStackTrace(error, untraced);
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
