import { LakeClient } from '../../functions/cli/sending/lake-client';
import { outgoingNdjson, outgoingResource } from '../../functions/cli/sending/outgoing';
import { requestIdKey } from '../../functions/cli/sending/request-ids';
import { tokenSource } from '../../functions/cli/token-source';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { simulatedProviders } from '../../functions/simulation/providers';
import { simulate } from '../../functions/simulation/simulate';

export interface PopulationSender {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly credentialsOf: (ods: string) => ProviderCredentials;
  /** People of the population. @default 8 */
  readonly people?: number;
  /** Called before each message. @default nothing */
  readonly before?: () => Promise<void>;
}

/** The demo's population through the public API, message after message; what became of each. */
export async function sendPopulation({
  baseUrl,
  tokenUrl,
  credentialsOf,
  people = 8,
  before = async () => undefined,
}: PopulationSender): Promise<readonly string[]> {
  const clients = new Map(
    simulatedProviders.map(({ ods }) => {
      const credentials = credentialsOf(ods);
      const client = new LakeClient({ baseUrl, token: tokenSource(credentials, tokenUrl) });
      return [ods, { client, idKey: requestIdKey(credentials) }];
    }),
  );
  const outcomes: string[] = [];
  for (const { provider, kind, name, body } of simulate({ people, seed: 11, faults: true })) {
    const { client, idKey } = clients.get(provider)!;
    const parts = kind === 'ndjson' ? outgoingNdjson(idKey, body.split('\n')) : [outgoingResource(idKey, body)];
    for (const outgoing of parts) {
      await before();
      let { status } = await client.send(outgoing);
      // As a sender should: the same request under the same id until the lake has said what became of it.
      while (status === 'failed') ({ status } = await client.send(outgoing));
      outcomes.push(`${name} ${status}`);
    }
  }
  return outcomes;
}
