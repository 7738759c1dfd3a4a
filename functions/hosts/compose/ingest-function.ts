import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { Validator } from '../../fhir/validator';
import { GroupCommit } from '../../ingest/group-commit';
import { capabilityStatement } from '../../ingest/http/capability-statement';
import { type Caller, fhirApi } from '../../ingest/http/fhir-api';
import { Ingest } from '../../ingest/ingest';
import { ingestManifest } from '../../ingest/manifest';
import { Quarantine } from '../../ingest/quarantine';
import { requestDigestKey } from '../../privacy/tokens';
import type { HostParts } from '../host-parts';

export interface IngestApiSettings {
  readonly baseUrl: string;
  readonly authenticate: (token: string) => Promise<Caller | undefined>;
  readonly throttle: (clientId: string) => number;
  readonly onFailure: (error: unknown) => void;
}

/** Bytes of one body where nothing stands before the host; a gateway has its own figure. */
const limits = { maxBytes: 64 * 1024 * 1024, timeout: 60_000 };

/** The ingest function over the ports of a host. */
export async function ingestFunction(parts: HostParts, settings: IngestApiSettings) {
  const ports = parts.ports(ingestManifest);
  const { seal: sealLanding } = new EnvelopeEncryption({ generateDataKey: ports.landingKey.generateDataKey });
  const { seal: sealIdentity } = new EnvelopeEncryption({ wrapWithPublicKey: ports.identityKey.wrapWithPublicKey });
  const { key } = await parts.pseudonymKey();
  const tokeniser = await parts.tokeniser();
  const groupCommit = new GroupCommit({
    ...ports,
    sealLanding,
    sealIdentity,
    clock: systemClock,
    failpoint: parts.failpoint,
  });
  const ingest = new Ingest({
    validator: new Validator(),
    tokeniser,
    digestKey: requestDigestKey(key).export(),
    ledger: ports.ledger,
    groupCommit,
    quarantine: new Quarantine(ports.identity, sealIdentity),
    clock: systemClock,
  });
  const app = fhirApi({
    ...settings,
    limits,
    ingest,
    ledger: ports.ledger,
    rekey: (provider, type, id) => tokeniser.rekey(provider, type, id),
    audit: async (record) => {
      await ports.audit.append(record);
    },
    capabilityStatement: () => capabilityStatement(settings.baseUrl, limits),
  });
  return { app, drained: () => groupCommit.drained() };
}
