import type { RequestListener } from 'node:http';
import type { Ledger } from '../../ingest/ledger';

/**
 * What an operator asks of the dispatch pod, which no route and no network policy leads to: `GET /dead-letters` counts the
 * events nobody took, `POST /dead-letters/redrive` makes them due again
 * (`kubectl port-forward`, which the cluster's own roles guard). Harmless when repeated: subscribers take an event once.
 */
export function deadLetterHandler(ledger: Pick<Ledger, 'deadLetters' | 'redrive'>): RequestListener {
  const answerTo = async (call: string): Promise<object | undefined> => {
    if (call === 'GET /dead-letters') return ledger.deadLetters();
    if (call === 'POST /dead-letters/redrive') return { redriven: await ledger.redrive() };
    return undefined;
  };
  return (request, response) => {
    answerTo(`${request.method} ${request.url}`).then(
      (answer) => {
        if (answer === undefined) response.writeHead(404).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      },
      () => response.writeHead(503).end(),
    );
  };
}
