import { LakeError } from '../../adapters/ports/errors';
import { lakeAddress } from './lake-access';
import { stackOutputs } from './stack-outputs';
import { type OptionDescription, type Options, textOption } from './verb';

/** What a sender must know of a lake, wherever it is deployed. */
export interface SenderAddress {
  /** Base of the FHIR API. */
  readonly baseUrl: string;
  readonly tokenUrl: string;
}

/** Of every verb that speaks to a lake as a provider does. */
export const stackOption: Readonly<Record<string, OptionDescription>> = {
  stack: {
    type: 'string',
    value: 'NAME',
    help: 'a deployed lake: the Pulumi stack of this folder (default the lake on this machine)',
  },
};

const discoveryMilliseconds = 30_000;

/** Where to send: the outputs of a Pulumi stack, else the lake of this machine; the lake itself names its token endpoint. */
export async function senderAddress(options: Options): Promise<SenderAddress> {
  const stack = textOption(options, 'stack');
  if (stack !== undefined) return addressOf(stack);
  const { baseUrl } = await lakeAddress(options);
  return { baseUrl, tokenUrl: await tokenEndpointOf(baseUrl) };
}

async function addressOf(stack: string): Promise<SenderAddress> {
  const { baseUrl, tokenUrl } = await stackOutputs<SenderAddress>(stack);
  if (baseUrl === undefined || tokenUrl === undefined)
    throw new LakeError('PreconditionFailed', 'The stack has no outputs yet. Run `pulumi up` first.');
  return { baseUrl, tokenUrl };
}

/** The `token_endpoint` of SMART App Launch 2, section 2.1 (`.well-known/smart-configuration` under the FHIR base). */
export async function tokenEndpointOf(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/.well-known/smart-configuration`, {
    signal: AbortSignal.timeout(discoveryMilliseconds),
  });
  const { token_endpoint: endpoint } = (await response.json()) as { readonly token_endpoint?: string };
  if (!response.ok || endpoint === undefined)
    throw new LakeError(
      'Unavailable',
      'What answers there is no lake: it names no token endpoint. Check LAKE_URL or --port.',
    );
  return endpoint;
}
