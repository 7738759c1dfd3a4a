import { erasureJobManifest } from '../functions/erasure/manifest';
import type { Manifest } from '../functions/manifest';
import { readSchedule } from '../functions/retention/retention-schedule';
import { optional, type Setting } from './config-schema';

const schedule: Setting<string> = {
  kind: 'plain',
  description:
    'By which schedule records expire, every night. `{}` is the Records Management Code of Practice; what it names stands in its place. Without it no clock destroys anything.',
  allowed:
    'a map such as {"classes": {"adult": {"contact": 8}}, "quarantineDays": 90, "importDays": 30}, each part as needed (functions/retention)',
  parse: (text) => {
    try {
      readSchedule(text);
      return text;
    } catch {
      return undefined;
    }
  },
};

export const retentionSettings = { retentionSchedule: optional(schedule) } as const;

/** What the function that expires is told, and no other. */
export const retentionOf = (
  { name }: Pick<Manifest, 'name'>,
  { retentionSchedule }: { readonly retentionSchedule: string | undefined },
): Readonly<Record<string, string>> =>
  name === erasureJobManifest.name && retentionSchedule !== undefined ? { LAKE_RETENTION: retentionSchedule } : {};
