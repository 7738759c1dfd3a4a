/** What a desk answers when a run is not at its end yet: whoever asked asks again by its id. No connection has to last. */
export interface RunGoesOn {
  readonly goesOn: string;
}

export const isGoingOn = (answer: unknown): answer is RunGoesOn =>
  typeof (answer as Partial<RunGoesOn> | null)?.goesOn === 'string';
