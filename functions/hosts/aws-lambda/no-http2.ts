/**
 * Stands in the bundles for `node:http2` (functions/cli/build.js), which costs a cold start several milliseconds: events become
 * HTTP/1.1 (handler-exchange.ts), and of the SDK's clients the lake uses none that speaks HTTP/2.
 *
 * @public named by the build
 */
export class Http2ServerRequest {}

/** @public */
export const constants = {};

/** @public the SDK takes the module whole, for a handler that is not used */
export default {};
