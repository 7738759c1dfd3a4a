import type { AwsGatewayArgs } from '../components/gateway/aws';
import { declaredClientId } from '../functions/provider-access/declared-providers';
import { usageKeyOf } from '../functions/provider-access/usage-key';
import type { AwsConfig } from './aws-settings';

/** Who is counted at the gateway: each provider that is declared, as the authoriser names it. */
export function meteredOf({
  providers,
  requestsPerDay,
  requestsPerMinute,
}: AwsConfig): Pick<AwsGatewayArgs, 'metered'> {
  if (requestsPerDay === 0) return {};
  const requestsPerSecond = Math.ceil(requestsPerMinute / 60);
  return {
    metered: providers.map(({ ods }) => {
      const name = declaredClientId(ods);
      return { name, usageKey: usageKeyOf(name), requestsPerSecond, burst: requestsPerMinute, requestsPerDay };
    }),
  };
}

export const mutualTlsOf = ({
  truststoreUri,
  truststoreVersion,
}: AwsConfig): Pick<AwsGatewayArgs['domain'], 'mutualTls'> =>
  truststoreUri === undefined || truststoreVersion === undefined
    ? {}
    : { mutualTls: { truststoreUri, truststoreVersion } };
