import { type Context, Hono } from 'hono';
import type { AuditRecord } from '../../audit/audit-record';
import { resourceTypes } from '../../fhir/definitions';
import type { JsonObject } from '../../fhir/json';
import { allows, type Interaction as ScopeInteraction } from '../../provider-access/scopes';
import type { Ingest } from '../ingest';
import { routeAudit } from '../ingest-audit';
import type { Sender } from '../ingest-request';
import {
  type Interaction,
  isFhirId,
  messageOf,
  parseIfMatch,
  parseIfNoneExist,
  singleOf,
  type Target,
  transactionOf,
} from '../interaction';
import type { Ledger } from '../ledger';
import { isRefusal, Refusal } from '../refusal';
import { answerResponse, errorResponse, fhirResponse } from './fhir-answer';
import { cancelImport, type ImportDesk, importOutcome, importStatus, startImport, takeUpload } from './import-routes';
import { checkEntries, parseBody } from './parse-body';
import { type BodyLimits, readBody } from './read-body';
import {
  checkAccept,
  checkContentType,
  correlationIdOf,
  refuseIdentifierInUrl,
  requestIdOf,
  wantsOutcome,
} from './request-headers';
import { checkSender } from './sender-check';

/** A caller with a verified token. */
export interface Caller extends Sender {
  readonly scopes: readonly string[];
}

export interface FhirApiServices {
  /** `<origin>/FHIR/R4`. */
  readonly baseUrl: string;
  readonly limits: BodyLimits;
  /** Verifies a bearer token; undefined when it is not good. */
  readonly authenticate: (token: string) => Promise<Caller | undefined>;
  /** Seconds to wait when the caller is over its rate, else 0. */
  readonly throttle: (clientId: string) => number;
  readonly ingest: Ingest;
  /** The current version of a resource, by the id its provider knows it by. */
  readonly head: Ledger['head'];
  readonly audit: (record: AuditRecord) => Promise<void>;
  readonly capabilityStatement: () => object;
  readonly importDesk: ImportDesk;
  /** For the operator's log: codes and counts, never content. */
  readonly onFailure: (error: unknown) => void;
}

type Environment = { Variables: { caller: Caller; requestId: string } };

const fhirTypes = ['application/fhir+json', 'application/json'];
const known = new Set(resourceTypes);
const notOffered = 'The lake takes creates and updates only: reads, searches, patches and deletes are not offered.';

/** The ingestion API of design section 6: create and update, transactions and messages, nothing that reads. */
export function fhirApi(services: FhirApiServices): Hono<Environment> {
  const app = new Hono<Environment>();

  app.onError(async (error, context) => {
    if (!isRefusal(error)) services.onFailure(error);
    const response = errorResponse(error);
    if (isRefusal(error) && error.audited) return mirror(context, response);
    try {
      await services.audit(audit(context, response.status));
      return mirror(context, response);
    } catch (unwritten) {
      // No answer without its record: a full disk takes neither, and the sender comes again.
      services.onFailure(unwritten);
      return mirror(context, errorResponse(unwritten));
    }
  });
  app.get('/metadata', (context) => mirror(context, fhirResponse(200, services.capabilityStatement())));

  app.use('*', async (context, next) => {
    refuseIdentifierInUrl(new URL(context.req.url));
    context.set('caller', await callerOf(context, services));
    checkAccept(context.req.raw.headers);
    await next();
  });

  const { importDesk, baseUrl } = services;
  type Work = (context: Context<Environment>, caller: Caller) => Promise<Response>;
  const asCaller =
    (work: Work) =>
    async (context: Context<Environment>): Promise<Response> =>
      mirror(context, await work(context, context.get('caller')));
  /** What only looks changes nothing, so no transaction records it. */
  const looking = (work: Work) =>
    asCaller(async (context, caller) => {
      const response = await work(context, caller);
      await services.audit(audit(context, response.status));
      return response;
    });
  app.post(
    '/$import',
    asCaller((context, caller) => startImport(importDesk, baseUrl, context, caller)),
  );
  app.put(
    '/$import/:id/upload',
    asCaller((context, caller) => takeUpload(importDesk, context, caller)),
  );
  app.get(
    '/$import/:id',
    looking((context, caller) => importStatus(importDesk, context, baseUrl, caller)),
  );
  app.get(
    '/$import/:id/outcome/:part',
    looking((context, caller) => importOutcome(importDesk, context, caller)),
  );
  app.delete(
    '/$import/:id',
    asCaller((context, caller) => cancelImport(importDesk, context, caller)),
  );

  const head = looking(async (context, { ods, scopes }) => {
    const { type = '', id = '' } = context.req.param();
    if (!known.has(type) || !isFhirId(id)) throw Refusal.of(404, 'not-found', 'There is no such resource type or id.');
    demand(scopes, type, 'u', type);
    const found = await services.head(ods, type, id);
    if (found === undefined) throw Refusal.of(404, 'not-found', 'You have sent no such resource.');
    const modified = new Date(found.lastUpdated).toUTCString();
    return fhirResponse(200, undefined, { etag: `W/"${found.version}"`, 'last-modified': modified });
  });
  // Hono answers HEAD by the handler of GET and leaves the body out.
  app.get('/:type/:id', (context, next) => (context.req.raw.method === 'HEAD' ? head(context) : next()));

  app.post('/', (context) =>
    take(context, services, 'Bundle', (bundle) => {
      if (bundle.type !== 'transaction' && bundle.type !== 'batch') {
        throw Refusal.badRequest(
          'value',
          'The base address takes Bundles of type transaction or batch. Messages go to $process-message, documents to Bundle.',
          'Bundle.type',
        );
      }
      return transactionOf(bundle);
    }),
  );
  app.post('/$process-message', (context) =>
    take(context, services, 'Bundle', (bundle, caller) => {
      if (bundle.type !== 'message')
        throw Refusal.badRequest('value', '$process-message takes a Bundle of type message.', 'Bundle.type');
      checkSender(bundle, caller.ods);
      return messageOf(bundle);
    }),
  );
  app.post('/:type', (context) =>
    take(context, services, typeOf(context), (resource) => singleOf(resource, typeOf(context), createTarget(context))),
  );
  app.put('/:type/:id', (context) =>
    take(context, services, typeOf(context), (resource) =>
      singleOf(resource, typeOf(context), updateTarget(context, resource)),
    ),
  );
  app.put('/:type', () => {
    throw Refusal.badRequest(
      'security',
      'A conditional update carries a business identifier in its address. Send it as an entry of a transaction Bundle.',
    );
  });
  app.all('*', () => {
    throw Refusal.of(405, 'not-supported', notOffered, undefined, { allow: 'POST, PUT, HEAD' });
  });
  return app;
}

const audit = (context: Context<Environment>, status: number): AuditRecord =>
  routeAudit(context.get('caller'), context.req.method, context.req.routePath, status, context.get('requestId'));

function typeOf(context: Context<Environment>): string {
  const type = context.req.param('type') ?? '';
  if (!known.has(type))
    throw Refusal.of(
      404,
      'not-supported',
      'The address names no FHIR R4 resource type and no operation of the lake. Write a type as FHIR does, Patient; GET metadata lists what is taken.',
    );
  return type;
}

/** Conditional create (https://hl7.org/fhir/R4/http.html#ccreate): its condition is a header, so it stays out of the address. */
function createTarget(context: Context<Environment>): Target {
  return parseIfNoneExist(typeOf(context), conditionOf(context));
}

function updateTarget(context: Context<Environment>, resource: JsonObject): Target {
  const id = context.req.param('id') ?? '';
  if (!isFhirId(id))
    throw Refusal.badRequest(
      'value',
      'The id in the address is not a FHIR id: 1 to 64 letters, digits, hyphens and dots.',
    );
  if (resource.id !== id)
    throw Refusal.badRequest(
      'invalid',
      'An updated resource carries the id that its address names.',
      `${typeOf(context)}.id`,
    );
  return { kind: 'update', id, ifMatch: parseIfMatch(context.req.header('if-match'), 'If-Match') };
}

/** What a write depends on beside its body. */
const conditionOf = ({ req }: Context<Environment>): string =>
  (req.method === 'PUT' ? req.header('if-match') : req.header('if-none-exist'))?.trim().replaceAll(' ', '%20') ?? '';

async function callerOf(context: Context<Environment>, services: FhirApiServices): Promise<Caller> {
  const token = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const caller = token === undefined ? undefined : await services.authenticate(token);
  if (caller === undefined) {
    throw Refusal.of(
      401,
      'login',
      'Provide valid credentials: a bearer token of the token endpoint named in .well-known/smart-configuration, not expired and meant for this lake.',
      undefined,
      // RFC 6750 section 3.1: whoever sent no token is told of no error of one.
      { 'www-authenticate': token === undefined ? 'Bearer' : 'Bearer error="invalid_token"' },
    );
  }
  const seconds = services.throttle(caller.clientId);
  if (seconds > 0) {
    throw Refusal.of(
      429,
      'throttled',
      `You send faster than agreed. Wait ${seconds} seconds; Bundles carry more in one request.`,
      undefined,
      { 'retry-after': String(seconds) },
    );
  }
  return caller;
}

function demand(scopes: readonly string[], type: string, interaction: ScopeInteraction, path: string): void {
  if (allows(scopes, type, interaction)) return;
  throw Refusal.of(
    403,
    'forbidden',
    `Your token does not allow this: it needs the scope system/${type}.${interaction}.`,
    path,
  );
}

function checkScopes(caller: Caller, interaction: Interaction): void {
  for (const { type, target, path } of interaction.entries) {
    const creates = target.kind === 'create' || target.kind === 'createIfNone';
    if (!creates) demand(caller.scopes, type, 'u', path);
    if (target.kind !== 'update') demand(caller.scopes, type, 'c', path);
  }
}

/** The way of every write: headers, bounded body, strict JSON, scopes, then the use case. */
async function take(
  context: Context<Environment>,
  services: FhirApiServices,
  type: string,
  read: (resource: JsonObject, caller: Caller) => Interaction,
): Promise<Response> {
  const { headers } = context.req.raw;
  const caller = context.get('caller');
  checkContentType(headers, fhirTypes);
  const requestId = requestIdOf(headers);
  context.set('requestId', requestId);
  const { resource, text } = parseBody(await readBody(context.req.raw, services.limits), type);
  checkEntries(resource, services.limits);
  const interaction = read(resource, caller);
  checkScopes(caller, interaction);
  const route = `${context.req.method} ${context.req.path} ${conditionOf(context)}`;
  const answer = await services.ingest.accept({
    sender: caller,
    requestId,
    correlationId: correlationIdOf(headers),
    interaction,
    route,
    body: text,
  });
  const advice = wantsOutcome(headers) ? services.ingest.advice({ interaction, sender: caller }) : undefined;
  const response = answerResponse(interaction, answer, services.baseUrl, advice);
  if (answer.repeated) response.headers.set('idempotency-replayed', 'true');
  return mirror(context, response);
}

/** Gives the sender its own request and correlation id back. */
function mirror(context: Context<Environment>, response: Response): Response {
  for (const name of ['x-request-id', 'x-correlation-id']) {
    const value = context.req.header(name);
    if (value !== undefined && /^[\x21-\x7e]{1,128}$/.test(value)) response.headers.set(name, value);
  }
  return response;
}
