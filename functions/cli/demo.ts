import { setTimeout as delay } from 'node:timers/promises';
import type { LakeFolder } from '../hosts/local/lake-folder';
import type { LocalLake } from '../hosts/local/local-lake';
import type { Operator } from '../hosts/local/operator';
import { performOperation } from '../hosts/local/operator-records';
import { simulatedProviders } from '../simulation/providers';
import { simulate } from '../simulation/simulate';
import { credentialsOf } from './lake-access';
import { progressOn } from './progress';
import { LakeClient, type SendResult } from './sending/lake-client';
import { outgoingNdjson, outgoingResource } from './sending/outgoing';
import { requestIdKey } from './sending/request-ids';
import { tableText } from './table-text';
import { tokenSource } from './token-source';
import type { Terminal } from './verb';

const people = 100;
const seed = 2026;
/** Messages on their way or waiting for one before them; bounds the memory. */
const atOnce = 16;

/**
 * What `npm start` shows: providers are registered, a simulated population comes in through the public HTTP API with real
 * tokens, is curated and built into marts. Started again on the same data it sends the same requests, and nothing comes twice.
 */
export async function runDemo(
  lake: LocalLake,
  operator: Operator,
  folder: LakeFolder,
  terminal: Terminal,
  stopping: AbortSignal,
): Promise<void> {
  const known = new Set((await performOperation(operator, 'listProviders', [])).map(({ ods }) => ods));
  for (const { ods, name, nhsNumberPolicy } of simulatedProviders) {
    if (!known.has(ods))
      await performOperation(operator, 'registerProvider', [
        { ods, name, scopes: ['system/*.cu'], nhsNumberPolicy, keys: [] },
      ]);
  }
  const tokenUrl = `${lake.origin}/oauth2/token`;
  const senders = new Map(
    simulatedProviders.map(({ ods }) => {
      const credentials = credentialsOf({ data: folder.root }, ods);
      const client = new LakeClient({
        baseUrl: lake.baseUrl,
        token: tokenSource(credentials, tokenUrl),
        signal: stopping,
      });
      return [ods, { client, idKey: requestIdKey(credentials) }];
    }),
  );
  const totals = { accepted: 0, refused: 0, quarantined: 0, duplicate: 0, failed: 0 };
  let sent = 0;
  const say = progressOn(terminal);
  const started = performance.now();
  const underWay = new Set<Promise<void>>();
  const lastOf = new Map<string, Promise<void>>();
  for (const { provider, kind, body } of simulate({ people, seed })) {
    if (stopping.aborted) break;
    // What one provider sends arrives in its order; different providers do not wait for each other.
    const before = lastOf.get(provider) ?? Promise.resolve();
    const sending = before.then(async () => {
      const { client, idKey } = senders.get(provider)!;
      for (const outgoing of kind === 'ndjson'
        ? outgoingNdjson(idKey, body.split('\n'))
        : [outgoingResource(idKey, body)]) {
        if (stopping.aborted) return;
        add(totals, await client.send(outgoing), outgoing.resources);
      }
      sent += 1;
      if (sent % 20 === 0) say(`sent ${sent} messages`);
    });
    lastOf.set(provider, sending);
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
    while (underWay.size >= atOnce) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  say.end();
  if (stopping.aborted) return;
  terminal.out(`${sentText(sent, (performance.now() - started) / 1000, totals)}\n`);
  await performOperation(operator, 'curate', []);
  const { totals: held, tables } = await performOperation(operator, 'status', []);
  terminal.out(`${held.versions} versions of ${held.resources} resources are curated, in ${tables.length} tables\n`);
  const marts = await performOperation(operator, 'buildMarts', [[]]);
  terminal.out(tableText(marts as unknown as Record<string, unknown>[]));
  const [mart] = marts;
  if (mart !== undefined) {
    const { columns, rows } = await performOperation(operator, 'sql', [`SELECT * FROM marts.${mart.mart} LIMIT 5`]);
    terminal.out(
      `\nmarts.${mart.mart}\n${tableText(
        rows,
        columns.map(({ name }) => name),
      )}`,
    );
  }
  terminal.out(
    `\nFHIR base      ${lake.baseUrl}\ntoken endpoint ${lake.origin}/oauth2/token\nhealth         ${lake.origin}/health\n`,
  );
  terminal.out(
    'The lake stays up; Ctrl-C stops it. In another terminal: npx lake sql "SELECT count(*) FROM curated.observation"\n',
  );
  // Lets what is written reach a pipe before anybody reads that the demo is done.
  await delay(0);
}

interface Totals {
  accepted: number;
  refused: number;
  quarantined: number;
  duplicate: number;
  failed: number;
}

/** Simulated senders send some messages twice, as real ones do (functions/simulation/sending-order.ts): also a new lake is told those again. */
export const sentText = (
  sent: number,
  seconds: number,
  { accepted, refused, quarantined, duplicate }: Omit<Totals, 'failed'>,
): string =>
  `sent ${sent} messages of ${people} simulated people in ${seconds.toFixed(1)} s: ${accepted} resources accepted, ${refused} refused, ${quarantined} quarantined, ${duplicate} sent again and kept once`;

function add(totals: Totals, result: SendResult, resources: number): void {
  for (const kind of ['accepted', 'refused', 'quarantined', 'duplicate'] as const) totals[kind] += result[kind];
  if (result.status === 'failed') totals.failed += resources;
}
