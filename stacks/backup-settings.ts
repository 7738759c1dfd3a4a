import { listOf, matching, optional, type Settings } from './config-schema';
import { cidr, inNamespace, origin } from './site-places';

const cron = /^[0-9*,/-]+( [0-9*,/-]+){4}$/;

/** Copies of what the lake could lose, in another store of the site. */
export const backupSettings = {
  backupEndpoint: optional(
    matching(
      origin,
      'an origin such as https://s3.elsewhere.nhs.uk',
      'The S3 endpoint that keeps copies; none are made when absent.',
    ),
  ),
  backupRegion: matching(/^[a-z0-9-]+$/, 'a name of a-z, 0-9 and -', 'Its region.', 'eu-west-2'),
  backupBucket: optional(
    matching(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      'the name of a bucket',
      'Its bucket; the site encrypts it and ends what is old.',
    ),
  ),
  backupCidrs: listOf(cidr, 'a CIDR range of /8 or longer', 'Where it is, for the network policies.', []),
  backupCredentials: optional(
    matching(inNamespace, 'NAMESPACE/NAME', 'A Secret with `accessKeyId` and `secretAccessKey`.'),
  ),
  backupSchedule: matching(cron, 'five fields of cron', 'When copies are made (UTC).', '0 2 * * *'),
} as const;

type BackupSettings = Settings<typeof backupSettings> & { readonly environment: 'production' | 'development' };

/** An endpoint needs the rest of what leads to it. */
export function checkBackup(config: BackupSettings): readonly string[] {
  if (config.backupEndpoint === undefined) return [];
  const missing = (['backupBucket', 'backupCredentials', 'backupCidrs'] as const).filter(
    (key) => config[key] === undefined || config[key].length === 0,
  );
  return [
    ...missing.map(
      (key) => `${key}: missing; it is needed because backupEndpoint is set; allowed: ${backupSettings[key].allowed}`,
    ),
    ...(config.environment === 'production' && config.backupEndpoint.startsWith('http:')
      ? [`backupEndpoint: ${JSON.stringify(config.backupEndpoint)}; allowed in production: an https origin`]
      : []),
  ];
}
