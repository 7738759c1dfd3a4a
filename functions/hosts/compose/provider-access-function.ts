import { createIssuer, type NodeHandler } from '../../provider-access/issuer';
import { providerAccessManifest } from '../../provider-access/manifest';
import type { HostParts } from '../host-parts';

export interface ProviderAccessSettings {
  /** The issuer: `<origin>/oauth2/token` takes the assertions. */
  readonly origin: string;
  /** The FHIR base that tokens are meant for. */
  readonly baseUrl: string;
  readonly requestsPerMinute: number;
}

/** The lake's own issuer over the ports of a host. */
export function providerAccessFunction(
  parts: HostParts,
  { origin, baseUrl, requestsPerMinute }: ProviderAccessSettings,
): Promise<NodeHandler> {
  const ports = parts.ports(providerAccessManifest);
  return createIssuer(
    { origin, audience: baseUrl, requestsPerMinute },
    {
      ...ports,
      audit: async (record) => {
        await ports.audit.append(record);
      },
    },
  );
}
