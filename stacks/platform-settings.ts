import { type PlatformPart, platformParts } from '../components/platform/platform-args';
import { listOf, matching, optional, type Settings } from './config-schema';

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

/** What stands before and below a lake: names at the gateway, operators. */
export const platformSettings = {
  ingestHost: optional(
    matching(
      hostName,
      'a full host name',
      "The site's own name of the FHIR API, with a certificate of `certificateIssuer`.",
    ),
  ),
  tokenHost: optional(
    matching(
      hostName,
      'a full host name',
      "The site's own name of the token server, with a certificate of `certificateIssuer`.",
    ),
  ),
  platform: listOf(
    new RegExp(`^(${platformParts.join('|')})$`),
    platformParts.join(', '),
    'Operators that the stack installs, as official releases; those that are there already are left out.',
    [],
  ),
  platformMirror: optional(
    matching(
      /^https:\/\/[^\s?#]+[^/\s?#]$/,
      'an https address',
      "Where the releases of the operators lie (air gap), as PART/VERSION/FILE; the projects' own pages when absent.",
    ),
  ),
} as const;

type PlatformSettings = Settings<typeof platformSettings> & {
  readonly certificateIssuer: string | undefined;
  readonly scheme: 'https' | 'http';
};

export const platformPartsOf = ({ platform }: Pick<PlatformSettings, 'platform'>): readonly PlatformPart[] =>
  platformParts.filter((part) => platform.includes(part));

/** A name of the site shows a certificate, or it is not offered. */
export function checkPlatform(config: PlatformSettings): readonly string[] {
  return (['ingestHost', 'tokenHost'] as const)
    .filter((key) => config[key] !== undefined)
    .flatMap((key) => [
      ...(config.certificateIssuer === undefined
        ? [`certificateIssuer: missing; it is needed because ${key} is set; allowed: the name of a ClusterIssuer`]
        : []),
      ...(config.scheme === 'http' ? [`scheme: "http"; allowed with ${key}: https`] : []),
    ]);
}
