/**
 * A named place where a test may stop the process, delay it or make it fail. The product passes `noFailpoint`; only the
 * faults suite passes another, so that "killed right here" is said by name instead of by luck.
 */
export type Failpoint = (name: string) => Promise<void> | void;

export const noFailpoint: Failpoint = () => undefined;
