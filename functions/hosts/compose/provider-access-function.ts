import type { AuditRecord } from '../../audit/audit-record';
import { createIssuer, type NodeHandler } from '../../provider-access/issuer';
import { providerAccessManifest } from '../../provider-access/manifest';
import { type SignedTokenSettings, SignedTokens } from '../../provider-access/signed-token';
import type { HostParts } from '../host-parts';

export interface ProviderAccessSettings {
  /** The issuer: `<origin>/oauth2/token` takes the assertions. */
  readonly origin: string;
  /** The FHIR base that tokens are meant for. */
  readonly baseUrl: string;
  readonly requestsPerMinute: number;
  readonly onFailure: (error: unknown) => void;
}

const issuerOf = (parts: HostParts, { origin, baseUrl, requestsPerMinute, onFailure }: ProviderAccessSettings) => {
  const ports = parts.ports(providerAccessManifest);
  const audit = async (record: AuditRecord): Promise<void> => {
    await ports.audit.append(record);
  };
  return { settings: { origin, audience: baseUrl, requestsPerMinute }, ports: { ...ports, audit, onFailure } };
};

/** The lake's own issuer over the ports of a host. */
export function providerAccessFunction(parts: HostParts, settings: ProviderAccessSettings): Promise<NodeHandler> {
  const issuer = issuerOf(parts, settings);
  return createIssuer(issuer.settings, issuer.ports);
}

/** Its tokens for those who sign as a role of AWS. */
export function signedTokensFunction(
  parts: HostParts,
  settings: ProviderAccessSettings,
  signers: SignedTokenSettings['signers'],
): SignedTokens {
  const issuer = issuerOf(parts, settings);
  return new SignedTokens({ ...issuer.settings, signers }, issuer.ports);
}
