import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { LakeEvent } from '../../../adapters/ports/events';
import type { LandedIdentity } from '../../identity/absorb';
import { readCloudEvent } from './cloud-event-request';
import type { NodeHandler } from './function-server';
import type { HostEnvironment } from './host-environment';
import type { KnativeParts } from './knative-parts';

/** A function as its pod serves it. */
export interface FunctionService {
  readonly handler: NodeHandler;
  /** Resolves when everything that was begun is done. */
  readonly drained: () => Promise<void>;
}

type Serve = (
  parts: KnativeParts,
  environment: HostEnvironment,
  onFailure: (error: unknown) => void,
) => Promise<FunctionService>;

const nothingToDrain = async (): Promise<void> => undefined;

/** What this host can serve, by the name of the manifest. Each is loaded when it is asked for: a pod wakes for one of them. */
const services: Readonly<Record<string, Serve>> = {
  ingest: async (parts, { origin, issuer, jwksUrl, requestsPerMinute }, onFailure) => {
    const { ingestFunction } = require('../compose/ingest-function') as typeof import('../compose/ingest-function');
    const settings = { origin, tokens: { issuer, jwksUrl }, requestsPerMinute, onFailure };
    const { site, drained } = await ingestFunction(parts, settings);
    return { handler: getRequestListener(site.fetch), drained };
  },
  'provider-access': async (parts, { origin, issuer, requestsPerMinute }) => {
    const { providerAccessFunction } =
      require('../compose/provider-access-function') as typeof import('../compose/provider-access-function');
    const settings = { origin: issuer, baseUrl: `${origin}/FHIR/R4`, requestsPerMinute };
    return { handler: await providerAccessFunction(parts, settings), drained: nothingToDrain };
  },
  identity: async (parts, _, onFailure) => {
    const { identityFunction } =
      require('../compose/identity-function') as typeof import('../compose/identity-function');
    const identity = identityFunction(parts);
    return eventService(async ({ data }) => {
      if ((await identity.absorb(landedIdentityOf(data))) > 0) await identity.publishLinks();
    }, onFailure);
  },
  curate: async (parts, _, onFailure) => {
    const { curateFunction } = require('../compose/curate-function') as typeof import('../compose/curate-function');
    return eventService(async () => {
      await curateFunction(parts);
    }, onFailure);
  },
};

export async function serveFunction(
  parts: KnativeParts,
  environment: HostEnvironment,
  onFailure: (error: unknown) => void,
): Promise<FunctionService> {
  const serve = services[environment.function];
  if (serve === undefined) {
    const known = Object.keys(services).join(', ');
    throw new LakeError('InvalidArgument', `LAKE_FUNCTION: this host serves ${known}.`);
  }
  return serve(parts, environment, onFailure);
}

function landedIdentityOf(data: unknown): LandedIdentity {
  const { zone, key, provider, requestIds } = (data ?? {}) as Partial<Record<string, unknown>>;
  if (zone !== 'identity' || typeof key !== 'string' || typeof provider !== 'string' || !Array.isArray(requestIds))
    throw new LakeError('InvalidArgument', 'The event announces no object of the identity zone.');
  return { key, provider, requestIds: requestIds.map(String) };
}

/**
 * Takes CloudEvents, one after the other: tables have one committer. 204 is taken; 400 will never be (the broker passes it
 * to the dead letters at once); anything else is 500 and delivered again.
 */
function eventService(
  handle: (event: LakeEvent) => Promise<void>,
  onFailure: (error: unknown) => void,
): FunctionService {
  let last: Promise<void> = Promise.resolve();
  const app = new Hono();
  app.post('/', async (context) => {
    const event = await readCloudEvent(context.req.raw);
    const turn = last.then(() => handle(event));
    last = turn.catch(() => undefined);
    await turn;
    return context.body(null, 204);
  });
  app.onError((error, context) => {
    if (isLakeError(error, 'InvalidArgument')) return context.text(error.message, 400);
    onFailure(error);
    return context.text('The event could not be handled now. Deliver it again.', 500);
  });
  return { handler: getRequestListener(app.fetch), drained: () => last };
}
