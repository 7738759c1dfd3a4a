import type { LondonTime } from './london-time';
import type { SimulatedProvider } from './providers';

export type MessageKind = 'transaction' | 'message' | 'resource' | 'ndjson';

/** What the lake is expected to answer. `duplicate`: the same request again, answered as before, without a second effect. */
export type Expected = 'accepted' | 'refused' | 'quarantined' | 'duplicate';

/** One line of the answer key. */
export interface Expectation {
  /** Path of the file, as `SimulatedMessage.name`. */
  readonly file: string;
  /** Index of the Bundle's entry or the line of NDJSON, from 0; null when it is about the whole. */
  readonly entry: number | null;
  /** Which fault, by name. */
  readonly fault: string;
  readonly expected: Expected;
}

/** One file as a provider's system sends it. */
export interface SimulatedMessage {
  /** ODS code of the sender. */
  readonly provider: string;
  /**
   * `transaction`: POST to the base. `message`: POST to $process-message. `resource`: PUT to Type/id when it has an id, else
   * POST to Type. `ndjson`: one resource a line.
   */
  readonly kind: MessageKind;
  /** `<ods>/<number>-<what>.json` or `.ndjson`: sorts in the order of sending, and says nothing about a person. */
  readonly name: string;
  readonly body: string;
  /** How many resources the body holds; for a message of the faulty kind, as far as that can be said. */
  readonly resources: number;
  /** What to expect of it, when it is not simply accepted. */
  readonly expectations?: readonly Expectation[];
}

/** A message before it has its place in the order of sending. */
export interface MessageDraft {
  readonly provider: SimulatedProvider;
  readonly kind: MessageKind;
  /** When the provider's system sends it. */
  readonly at: LondonTime;
  /** Last part of the name: `record`, `admission`, `call` … */
  readonly what: string;
  readonly body: string;
  readonly resources: number;
  /**
   * `later`: an update that must not overtake what it updates. `late`: reaches the lake long after it happened, which
   * is in no hurry. Left out: in order.
   */
  readonly delay?: 'later' | 'late';
  /** What to expect of it, without the file, which has no name yet. */
  readonly expectations?: readonly Omit<Expectation, 'file'>[];
}
