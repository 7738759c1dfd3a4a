/**
 * Stands in the bundles for the SDK's event streams (functions/cli/build.js): no operation that the lake calls has one. The SDK
 * imports them where they are needed, and what may be imported later esbuild neither leaves out nor puts in one scope with the rest.
 *
 * @public named by the build
 */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

/** @public */
export const eventStreamSerdeProvider = (): undefined => undefined;

/** @public */
export class EventStreamSerde {
  constructor() {
    throw new Error('The bundle carries no event streams.');
  }
}
