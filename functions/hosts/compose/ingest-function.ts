import { setImmediate } from 'node:timers/promises';
import { getRequestListener, RequestError } from '@hono/node-server';
import { Hono } from 'hono';
import type { JWTVerifyGetKey } from 'jose';
import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { ProfilePackage } from '../../fhir/profiles/profile-package';
import { ukCore } from '../../fhir/uk-core';
import { Validator } from '../../fhir/validator';
import { currentVersion } from '../../ingest/current-version';
import { GroupCommit } from '../../ingest/group-commit';
import { widestLimits } from '../../ingest/http/body-limits';
import { capabilityStatement } from '../../ingest/http/capability-statement';
import { errorResponse } from '../../ingest/http/fhir-answer';
import { fhirApi } from '../../ingest/http/fhir-api';
import { openApi } from '../../ingest/http/openapi';
import { Ingest } from '../../ingest/ingest';
import { ingestManifest } from '../../ingest/manifest';
import { Quarantine } from '../../ingest/quarantine';
import { Refusal } from '../../ingest/refusal';
import type { PortsOf } from '../../manifest';
import { Pseudonyms } from '../../privacy/pseudonyms';
import { RateLimit } from '../../provider-access/rate-limit';
import { remoteKeySet } from '../../provider-access/remote-key-set';
import { writeScopes } from '../../provider-access/scopes';
import { smartConfiguration } from '../../provider-access/smart-configuration';
import type { TokenSource } from '../../provider-access/token-source';
import { TokenVerifier } from '../../provider-access/token-verifier';
import type { NodeHandler } from '../drainable-server';
import type { HostParts } from '../host-parts';

export const fhirPath = '/FHIR/R4';

export interface IngestSettings {
  /** Where senders reach it: `<origin>/FHIR/R4` is the base. */
  readonly origin: string;
  readonly tokens: TokenSource;
  /** Its public keys, where they are not fetched from its address. */
  readonly keys?: JWTVerifyGetKey;
  /** Requests a provider may send in a rolling minute, for each process. */
  readonly requestsPerMinute: number;
  /** Bytes of one body, where the way in takes less than this function. @default 64 MiB */
  readonly maxBytes?: number;
  /** Tells whoever runs jobs in this process that there is work. */
  readonly wake?: () => void;
  /** FHIR packages whose profiles are known besides UK Core; what they define stands before what it does. */
  readonly packages: readonly ProfilePackage[];
  readonly onFailure: (error: unknown) => void;
}

/** Bytes of one bulk upload; a line of it is held to the limit of a body. */
const maxUploadBytes = 16 * 1024 ** 3;
export const maxLineBytes = widestLimits.maxBytes;

const notAnAddress = 'The address or the Host header of the request is not one of HTTP (RFC 9110).';

/** The use case alone, for those who replay what was held. */
export async function ingestUseCase(
  parts: HostParts,
  packages: readonly ProfilePackage[],
  ports: Omit<PortsOf<typeof ingestManifest>, 'inbox' | 'uploads' | 'outcomes' | 'imports'> = parts.ports(
    ingestManifest,
  ),
) {
  const { seal: sealLanding } = new EnvelopeEncryption({ generateDataKey: ports.landingKey.generateDataKey });
  const { seal: sealIdentity } = new EnvelopeEncryption({ wrapWithPublicKey: ports.identityKey.wrapWithPublicKey });
  const [pseudonyms, validator] = await Promise.all([
    Pseudonyms.open(() => parts.tokeniser()),
    // Profiles are read while the servers that have the keys are waited for.
    setImmediate().then(() => new Validator({ packages: [...packages, ukCore()] })),
  ]);
  const groupCommit = new GroupCommit({
    ...ports,
    sealLanding,
    sealIdentity,
    clock: systemClock,
    failpoint: parts.failpoint,
    overlapping: ports.landing.capabilities.has('localPath'),
  });
  const ingest = new Ingest({
    validator,
    pseudonyms,
    ledger: ports.ledger,
    groupCommit,
    quarantine: new Quarantine(ports.identity, sealIdentity),
    audit: ports.audit.append,
    clock: systemClock,
  });
  return { ingest, groupCommit, pseudonyms };
}

/** The ingest function over the ports of a host: the FHIR base with what stands beside it under the origin. */
export async function ingestFunction(
  parts: HostParts,
  settings: IngestSettings,
  ports: PortsOf<typeof ingestManifest> = parts.ports(ingestManifest),
) {
  const {
    origin,
    tokens,
    keys = remoteKeySet(new URL(tokens.jwksUrl)),
    requestsPerMinute,
    packages,
    onFailure,
  } = settings;
  const baseUrl = `${origin}${fhirPath}`;
  const limits = { ...widestLimits, maxBytes: settings.maxBytes ?? widestLimits.maxBytes };
  const verifier = new TokenVerifier(tokens.verification, keys, (clientId) => ports.register.find(clientId));
  const rate = new RateLimit(requestsPerMinute);
  const { ingest, groupCommit, pseudonyms } = await ingestUseCase(parts, packages, ports);
  const { sealStream } = new EnvelopeEncryption({ wrapWithPublicKey: ports.identityKey.wrapWithPublicKey });
  const app = fhirApi({
    importDesk: {
      imports: ports.imports,
      inbox: ports.inbox,
      uploads: ports.uploads,
      outcomes: ports.outcomes,
      sealStream,
      maxBytes: maxUploadBytes,
      wake: settings.wake ?? (() => undefined),
    },
    baseUrl,
    limits,
    onFailure,
    ingest,
    throttle: (clientId) => rate.take(clientId),
    authenticate: async (text) => {
      const token = await verifier.verify(text);
      if (token?.provider === undefined) return undefined;
      const { provider, ...verified } = token;
      const { nhsNumberPolicy, defaultProfile } = provider;
      return { ...verified, nhsNumberPolicy, defaultProfile };
    },
    head: currentVersion(ports.ledger, pseudonyms),
    audit: async (record) => {
      await ports.audit.append(record);
    },
    capabilityStatement: () => capabilityStatement(baseUrl, limits),
  });
  // `[base]/` is `[base]`: senders' libraries write both for a Bundle sent to the base (FHIR R4, http.html#transaction).
  const site = new Hono({ strict: false });
  site.get('/health', (context) => context.json({ status: 'pass' }));
  // Made once: half a megabyte of schemas that do not change while the process lives.
  let document: object | undefined;
  site.get('/openapi.json', (context) => {
    const { tokenEndpoint } = tokens;
    document ??= openApi({ origin, fhirPath, tokenEndpoint, scopes: writeScopes, limits });
    return context.json(document);
  });
  for (const path of ['/.well-known/smart-configuration', `${fhirPath}/.well-known/smart-configuration`]) {
    site.get(path, (context) => context.json(smartConfiguration(tokens)));
  }
  site.route(fhirPath, app);
  const handler: NodeHandler = getRequestListener(site.fetch, {
    // What the adapter refuses before a route is found, and what fails while an error is answered (the audit is away).
    errorHandler: (error) => {
      if (error instanceof RequestError) return errorResponse(Refusal.badRequest('structure', notAnAddress));
      onFailure(error);
      return errorResponse(error);
    },
  });
  /** Method and path of each route, `ALL` and `*` where a handler stands for many. */
  const routes = [...new Set(site.routes.map(({ method, path }) => `${method} ${path}`))];
  return { handler, baseUrl, routes, drained: () => groupCommit.drained() };
}
