import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Target {
  readonly url: string;
  readonly token: () => string;
}

export interface Load {
  readonly requests: number;
  /** Seconds from the first request to the last answer. */
  readonly seconds: number;
  /** Milliseconds of each answer, ascending. */
  readonly latencies: readonly number[];
}

/** Sends with node:http alone: a generator on the same cores should cost as little as it can. */
export class HttpLoad {
  readonly #target: Target;
  readonly #agent: Agent;

  constructor(target: Target, connections: number) {
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** As fast as the answers come, over so many connections at once, until `next` gives no more. */
  async closed(connections: number, next: () => string | undefined): Promise<Load> {
    const latencies: number[] = [];
    const started = performance.now();
    const one = async (): Promise<void> => {
      for (let body = next(); body !== undefined; body = next()) latencies.push(await this.#send(body));
    };
    await Promise.all(Array.from({ length: connections }, one));
    return summary(latencies, started);
  }

  /**
   * So many a second whatever the answers do, for so many seconds. A latency counts from when a request was due, so that a
   * pause of the server is felt by all that it held up.
   */
  async open(perSecond: number, seconds: number, next: () => string): Promise<Load> {
    const latencies: number[] = [];
    const running: Promise<void>[] = [];
    const started = performance.now();
    const total = Math.floor(perSecond * seconds);
    while (running.length < total) {
      const due = started + (running.length * 1000) / perSecond;
      const ahead = due - performance.now();
      if (ahead > 1) {
        await new Promise((resolve) => setTimeout(resolve, ahead));
        continue;
      }
      running.push(
        this.#send(next()).then(() => {
          latencies.push(performance.now() - due);
        }),
      );
    }
    await Promise.all(running);
    return summary(latencies, started);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(body: string): Promise<number> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.#target.url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.#target.token()}`,
            'content-type': 'application/fhir+json',
            'content-length': Buffer.byteLength(body),
            'x-request-id': randomUUID(),
          },
        },
        (incoming) => {
          incoming.resume();
          incoming.on('end', () => {
            if ((incoming.statusCode ?? 500) < 300) resolve(performance.now() - started);
            else reject(new Error(`answered ${incoming.statusCode}`));
          });
          incoming.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function summary(latencies: number[], started: number): Load {
  latencies.sort((a, b) => a - b);
  return { requests: latencies.length, seconds: (performance.now() - started) / 1000, latencies };
}

export const percentile = ({ latencies }: Load, part: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? Number.NaN;
