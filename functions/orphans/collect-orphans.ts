import type { ObjectStore } from '../../adapters/ports/object-store';
import type { AuditRecord } from '../audit/audit-record';
import { blankLines, type ErasableZone } from '../erasure/erase-objects';
import type { Failpoint } from '../failpoint';
import type { Leftover, LeftoverStore } from './leftover-store';

/** An upload that takes longer than this is repeated by its sender. */
export const safetyAgeMilliseconds = 3_600_000;
const keysAtOnce = 500;

export interface CollectServices {
  readonly name: Leftover['zone'];
  readonly zone: ErasableZone & { readonly store: Pick<ObjectStore, 'list'> };
  readonly leftovers: LeftoverStore;
  readonly failpoint: Failpoint;
}

interface LeftoverServices {
  readonly name: Leftover['zone'];
  readonly zone: ErasableZone;
  readonly leftovers: Pick<LeftoverStore, 'leftovers' | 'forgetLeftovers'>;
  readonly failpoint: Failpoint;
}

export interface Collected {
  /** Objects that held something of a request which was refused or prepared again. */
  readonly leftovers: number;
  /** Whole objects that a crash left between put and commit. */
  readonly orphans: number;
}

/** Takes what refused requests left in landed objects out of them. Nobody waits for it: their commit is over. */
export async function collectLeftovers({ name, zone, leftovers, failpoint }: LeftoverServices): Promise<number> {
  const all = await leftovers.leftovers(name);
  for (const leftover of all) await blankLines(zone, leftover.key, name, leftover.provider, isLeft(leftover));
  await failpoint('collect.blanked');
  await leftovers.forgetLeftovers(
    name,
    all.map(({ key }) => key),
  );
  return all.length;
}

function isLeft(leftover: Leftover): (line: string, index: number) => boolean {
  if (leftover.zone === 'landing') {
    const lines = new Set(leftover.lines);
    return (_, index) => lines.has(index);
  }
  const requests = new Set(leftover.requests);
  return (line) => {
    const { requestId, entry } = JSON.parse(line) as { readonly requestId: string; readonly entry?: number };
    return requests.has(requestId) || requests.has(`${requestId} ${entry}`);
  };
}

/** Deletes objects past the safety age that no commit recorded, and makes sure that none ever will. */
async function collectOrphans(services: CollectServices, now: Date): Promise<number> {
  const { name, zone, leftovers, failpoint } = services;
  let collected = 0;
  const collect = async (keys: readonly string[]): Promise<void> => {
    for (const key of await leftovers.unrecorded(keys)) {
      if (!(await leftovers.condemn(name, key, now))) continue;
      await failpoint('collect.condemned');
      await zone.store.delete(key);
      await zone.store.purgeVersions(key);
      collected += 1;
    }
  };
  let keys: string[] = [];
  for await (const { key, lastModified } of zone.store.list('')) {
    // A held message is its own record: nobody commits it.
    if (key.startsWith('quarantine/') || lastModified.getTime() > now.getTime() - safetyAgeMilliseconds) continue;
    keys.push(key);
    if (keys.length < keysAtOnce) continue;
    await collect(keys);
    keys = [];
  }
  await collect(keys);
  return collected;
}

/** The beat of one zone. Harmless when repeated or cut off: what is left is found again. */
export async function collect(services: CollectServices, now: Date): Promise<Collected> {
  const collected = {
    leftovers: await collectLeftovers(services),
    orphans: await collectOrphans(services, now),
  };
  if (collected.leftovers + collected.orphans > 0)
    await services.leftovers.report(auditOf(services.name, collected, now));
  return collected;
}

const auditOf = (zone: string, { leftovers, orphans }: Collected, now: Date): AuditRecord => ({
  recorded: now.toISOString(),
  event: 'job',
  action: `job:collect.${zone}`,
  agent: { kind: 'function', id: `${zone}-collector` },
  outcome: { result: 'allowed', code: 'collected' },
  entities: [
    { type: 'leftover', count: leftovers },
    { type: 'orphan', count: orphans },
  ],
  purpose: 'HSYSADMIN',
});
