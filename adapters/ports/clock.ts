/** Time and randomness, given to use cases so that tests can hold them still. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
