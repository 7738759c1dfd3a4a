import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { sitePackages } from '../../ingest/profile-folder';
import type { FunctionParts } from '../function-parts';
import type { HostEnvironment } from '../host-environment';
import { beatService } from './beat-service';
import { eventService } from './event-service';
import type { FunctionService } from './function-server';
import { nothingAsked } from './nothing-asked';
import { requestService } from './request-service';
import { inTurn, sharedRun } from './taking-turns';

type Serve = (
  parts: FunctionParts,
  environment: HostEnvironment,
  onFailure: (error: unknown) => void,
) => Promise<FunctionService>;

const dispatchMilliseconds = 1000;
const sealMilliseconds = 2000;
const nothingToDrain = async (): Promise<void> => undefined;
/** What this host can serve, by the name of the manifest. Each is loaded when it is asked for: a pod wakes for one of them. */
const services: Readonly<Record<string, Serve>> = {
  ingest: async (parts, { origin, tokens, requestsPerMinute, packagesFolder }, onFailure) => {
    const { ingestFunction } = require('../compose/ingest-function') as typeof import('../compose/ingest-function');
    const packages = sitePackages(packagesFolder);
    const settings = { origin, tokens, requestsPerMinute, packages, onFailure };
    return ingestFunction(parts, settings);
  },
  'provider-access': async (parts, { origin, issuer, requestsPerMinute }, onFailure) => {
    const { providerAccessFunction } =
      require('../compose/provider-access-function') as typeof import('../compose/provider-access-function');
    const settings = { origin: issuer, baseUrl: `${origin}/FHIR/R4`, requestsPerMinute, onFailure };
    return { handler: await providerAccessFunction(parts, settings), drained: nothingToDrain };
  },
  identity: async (parts, _, onFailure) => {
    const { identityFunction, landedIdentityOf } =
      require('../compose/identity-function') as typeof import('../compose/identity-function');
    const identity = identityFunction(parts);
    const absorb = inTurn(async (data: unknown) => {
      const landed = landedIdentityOf(data);
      if (landed !== undefined) await identity.absorb(landed);
    });
    const publishLinks = sharedRun(() => identity.publishLinks());
    return eventService(async ({ data }) => {
      await absorb(data);
      await publishLinks();
    }, onFailure);
  },
  curate: async (parts, _, onFailure) => {
    const { curateFunction } = require('../compose/curate-function') as typeof import('../compose/curate-function');
    return eventService(
      sharedRun(() => curateFunction(parts)),
      onFailure,
    );
  },
  'bulk-import': async (parts, { packagesFolder }, onFailure) => {
    const { importWork } = require('../compose/import-function') as typeof import('../compose/import-function');
    const { jobService } = require('./job-service') as typeof import('./job-service');
    const packages = sitePackages(packagesFolder);
    return jobService(importWork(parts, packages), onFailure);
  },
  'identity-requests': async (parts, _, onFailure) => {
    const { identityRequestsAnswers } =
      require('../compose/identity-requests-function') as typeof import('../compose/identity-requests-function');
    const { callers, answer } = identityRequestsAnswers(parts);
    return requestService(callers, answer, onFailure);
  },
  marts: async (parts, { martsFolder }, onFailure) => {
    const { martsWork } = require('../compose/marts-function') as typeof import('../compose/marts-function');
    const { jobService } = require('./job-service') as typeof import('./job-service');
    return jobService(martsWork(parts, martsFolder), onFailure);
  },
  erasure: async (parts, environment, onFailure) => {
    const { erasureWork } = require('../compose/erasure-services') as typeof import('../compose/erasure-services');
    const { jobService } = require('./job-service') as typeof import('./job-service');
    return jobService(erasureWork(parts, environment), onFailure);
  },
  'identity-erasure': async (parts, _, onFailure) => {
    const { identityErasureAnswers } =
      require('../compose/erasure-services') as typeof import('../compose/erasure-services');
    const { callers, answer } = identityErasureAnswers(parts);
    return requestService(callers, answer, onFailure);
  },
  'key-rotation': async (parts, environment, onFailure) => {
    const { keyRotationWork } =
      require('../compose/key-rotation-services') as typeof import('../compose/key-rotation-services');
    const { jobService } = require('./job-service') as typeof import('./job-service');
    return jobService(keyRotationWork(parts, environment), onFailure);
  },
  'identity-key-rotation': async (parts, _, onFailure) => {
    const { identityKeyRotationAnswers } =
      require('../compose/key-rotation-services') as typeof import('../compose/key-rotation-services');
    const { callers, answer } = identityKeyRotationAnswers(parts);
    return requestService(callers, answer, onFailure);
  },
  research: async (parts, { martsFolder }, onFailure) => {
    const { extractWork } = require('../compose/extract-function') as typeof import('../compose/extract-function');
    const { jobService } = require('./job-service') as typeof import('./job-service');
    return jobService(extractWork(parts, martsFolder), onFailure);
  },
  operator: async (parts, { martsFolder }, onFailure) => {
    const { operatorFunction } =
      require('../compose/operator-functions') as typeof import('../compose/operator-functions');
    const { operatorManifest } = require('../../operator/manifest') as typeof import('../../operator/manifest');
    const { martLibrary } = require('../compose/marts-function') as typeof import('../compose/marts-function');
    const { callers, ...ports } = parts.ports(operatorManifest);
    return requestService(callers, operatorFunction(ports, martsFolder ?? martLibrary), onFailure);
  },
  'mart-sql': async (parts, _, onFailure) => {
    const { martSqlFunction } = require('../compose/sql-function') as typeof import('../compose/sql-function');
    const { martSqlManifest } = require('../../operator/manifest') as typeof import('../../operator/manifest');
    const { callers, ...ports } = parts.ports(martSqlManifest);
    return requestService(callers, martSqlFunction(ports), onFailure);
  },
  'identity-operator': async (parts, _, onFailure) => {
    const { identityOperatorFunction } =
      require('../compose/operator-functions') as typeof import('../compose/operator-functions');
    const { identityOperatorManifest } = require('../../operator/manifest') as typeof import('../../operator/manifest');
    const { callers, ...ports } = parts.ports(identityOperatorManifest);
    return requestService(callers, identityOperatorFunction(ports), onFailure);
  },
  'quarantine-replay': async (parts, { packagesFolder }, onFailure) => {
    const { quarantineReplayFunction } =
      require('../compose/quarantine-replay-function') as typeof import('../compose/quarantine-replay-function');
    const packages = sitePackages(packagesFolder);
    const { callers, answer } = quarantineReplayFunction(parts, packages);
    return requestService(callers, answer, onFailure);
  },
  dispatch: async (parts, _, onFailure) => {
    const { dispatch } = require('../../dispatch/dispatch') as typeof import('../../dispatch/dispatch');
    const { dispatchManifest } = require('../../dispatch/manifest') as typeof import('../../dispatch/manifest');
    const ports = parts.ports(dispatchManifest);
    const round = () => dispatch({ ...ports, clock: systemClock });
    return beatService(round, dispatchMilliseconds, onFailure);
  },
  'audit-sealer': async (parts, _, onFailure) => sealing(parts, 'auditSealerManifest', onFailure),
  'identity-audit-sealer': async (parts, _, onFailure) => sealing(parts, 'identityAuditSealerManifest', onFailure),
};

/** Its pod is ready for as long as sealing keeps up: what watches the cluster's workloads so watches the audit. */
function sealing(
  parts: FunctionParts,
  manifest: 'auditSealerManifest' | 'identityAuditSealerManifest',
  onError: (error: unknown) => void,
): FunctionService {
  const { AuditBeat } = require('../../audit/audit-beat') as typeof import('../../audit/audit-beat');
  const { AuditSealer } = require('../../audit/audit-sealer') as typeof import('../../audit/audit-sealer');
  const manifests = require('../../audit/manifest') as typeof import('../../audit/manifest');
  const sealer = new AuditSealer({ ports: parts.ports(manifests[manifest]), clock: systemClock });
  const beat = new AuditBeat({ sealer, everyMilliseconds: sealMilliseconds, onError });
  beat.start();
  return { handler: nothingAsked, drained: () => beat.stop(), ready: () => !beat.isBehind };
}

export async function serveFunction(
  parts: FunctionParts,
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
