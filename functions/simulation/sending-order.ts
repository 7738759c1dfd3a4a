import type { Random } from './random';
import type { MessageDraft, SimulatedMessage } from './simulated-message';

/** A message waiting for its turn: a draft, or one sent before that goes out a second time. */
interface Held {
  readonly draft: MessageDraft;
  readonly due: number;
  readonly again: boolean;
}

// Counted in messages. A sender with four connections keeps the order of what is this far apart.
const gaps = { later: [40, 90], late: [120, 400], again: [5, 80] } as const;
const repeated = 0.02;
const repeatedMessage = { entry: null, fault: 'repeated-message', expected: 'duplicate' } as const;

/**
 * Gives messages their names and the order they are sent in: mostly as they happened, updates well after what they update,
 * some late, some twice. Holds no more than a few hundred messages at a time, however many pass through.
 */
export class SendingOrder {
  readonly #random: Random;
  readonly #counts = new Map<string, number>();
  readonly #held: Held[] = [];
  #sent = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get holding(): number {
    return this.#held.length;
  }

  *take(draft: MessageDraft): Generator<SimulatedMessage> {
    if (draft.delay === undefined) yield* this.#send(draft);
    else this.#hold(draft, draft.delay);
    yield* this.#due();
  }

  /** What still waits, in its order. */
  *finish(): Generator<SimulatedMessage> {
    this.#held.sort((left, right) => left.due - right.due);
    for (const { draft, again } of this.#held.splice(0)) yield this.#named(draft, again);
  }

  *#send(draft: MessageDraft): Generator<SimulatedMessage> {
    yield this.#named(draft, false);
    if (draft.expectations === undefined && this.#random.chance(repeated)) this.#hold(draft, 'again');
  }

  #hold(draft: MessageDraft, why: keyof typeof gaps): void {
    const [least, most] = gaps[why];
    this.#held.push({ draft, due: this.#sent + this.#random.whole(least, most), again: why === 'again' });
  }

  *#due(): Generator<SimulatedMessage> {
    for (let index = 0; index < this.#held.length; ) {
      const { draft, due, again } = this.#held[index]!;
      if (due > this.#sent) {
        index += 1;
        continue;
      }
      this.#held.splice(index, 1);
      yield this.#named(draft, again);
    }
  }

  #named({ provider, kind, what, body, resources, expectations }: MessageDraft, again: boolean): SimulatedMessage {
    const count = (this.#counts.get(provider.ods) ?? 0) + 1;
    this.#counts.set(provider.ods, count);
    this.#sent += 1;
    const extension = kind === 'ndjson' ? 'ndjson' : 'json';
    const name = `${provider.ods}/${String(count).padStart(7, '0')}-${what}.${extension}`;
    const message = { provider: provider.ods, kind, name, body, resources };
    if (again) return { ...message, expectations: [{ file: name, ...repeatedMessage }] };
    return expectations === undefined
      ? message
      : { ...message, expectations: expectations.map((one) => ({ file: name, ...one })) };
  }
}
