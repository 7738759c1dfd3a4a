import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from './loopback-server';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that gives every request the answer it is told: what a real client makes of it is what an adapter meets. */
export class AnsweringServer {
  answer: Answer = { status: 204 };
  /** To HEAD, where it differs. */
  headAnswer: Answer | undefined;
  readonly #server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const isHead = request.method === 'HEAD';
      const { status, headers = {}, body = '' } = (isHead ? this.headAnswer : undefined) ?? this.answer;
      response.writeHead(status, headers);
      response.end(isHead ? undefined : body);
    });
  });

  listen(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }
}
