import { LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { eraseOriginals } from '../../erasure/erase-objects';
import type { ErasurePlan } from '../../erasure/erasure-plan';
import { erasureRecord } from '../../erasure/erasure-record';
import type { identityErasureManifest } from '../../erasure/manifest';
import type { MessageOrigin } from '../../identity/identity-register';
import { publishLinks } from '../../identity/publish-links';
import { QuarantineReview } from '../../identity/quarantine-review';
import type { PortsOf } from '../../manifest';
import { collectLeftovers } from '../../orphans/collect-orphans';
import type { Leftover } from '../../orphans/leftover-store';
import { forgetHistory } from './forget-history';

/** Whom an erasure is about: numbers never come from a command line, where others would see them. */
export interface ErasureRequest {
  readonly nhsNumbers: readonly string[];
  /** Re-keyed Patient ids, as curated tables and marts show them. */
  readonly patients: readonly string[];
}

/** Whom the identity zone found: pseudonyms, and messages that wait for review. */
export interface FoundPeople {
  readonly patients: readonly string[];
  readonly held: readonly MessageOrigin[];
}

/** What the identity zone does for an erasure that the lake carries out; all but `find` is harmless when repeated. */
export interface IdentityErasure {
  originsOf(requests: ErasurePlan['requests']): Promise<readonly MessageOrigin[]>;
  /** Takes what refused requests left in shared objects out of them. */
  collectLeftovers(leftovers: readonly Leftover[]): Promise<void>;
  /** Takes out the sealed originals, and held messages. */
  eraseOriginals(plan: ErasurePlan): Promise<void>;
  /** Takes the people out of the register and the table of links; gives how many records went. */
  eraseRegister(plan: Pick<ErasurePlan, 'resources' | 'patients'>, agent: AuditRecord['agent']): Promise<number>;
}

type FindingPorts = {
  readonly identityKey: Pick<PortsOf<typeof identityErasureManifest>['identityKey'], 'unwrap'>;
  readonly held: ConstructorParameters<typeof QuarantineReview>[0]['store'];
  readonly register: Pick<PortsOf<typeof identityErasureManifest>['register'], 'patientsOf' | 'numbersOf'> &
    ConstructorParameters<typeof QuarantineReview>[0]['register'];
};

/** @throws LakeError `NotFound` when the lake holds nothing of them. */
export async function findPeople(ports: FindingPorts, request: ErasureRequest): Promise<FoundPeople> {
  const { register } = ports;
  const found = new Set(request.patients.map((one) => one.replace(/^Patient\//, '')));
  for (const number of request.nhsNumbers) {
    for (const reference of await register.patientsOf(number)) found.add(reference.replace(/^Patient\//, ''));
  }
  // Asked before anything is erased: afterwards nobody knows the numbers any more.
  const numbers = new Set([...request.nhsNumbers, ...(await register.numbersOf([...found]))]);
  const held = numbers.size === 0 ? [] : await reviewOf(ports).naming([...numbers]);
  if (found.size === 0 && held.length === 0) throw new LakeError('NotFound', 'The lake holds nothing of these people.');
  return { patients: [...found], held };
}

const reviewOf = ({ held, identityKey, register }: FindingPorts): QuarantineReview => {
  const { open } = new EnvelopeEncryption({ unwrap: identityKey.unwrap });
  return new QuarantineReview({ store: held, open, register });
};

/** Over the ports of a host. */
export function identityErasureFunction(
  ports: Omit<PortsOf<typeof identityErasureManifest>, 'callers'>,
): IdentityErasure {
  const { identity, identityKey, register, curated, query } = ports;
  const zone = { store: identity, ...new EnvelopeEncryption(identityKey) };
  return {
    originsOf: (requests) => register.originsOf(requests),
    collectLeftovers: async (given) => {
      const leftovers = { leftovers: async () => given, forgetLeftovers: async () => undefined };
      await collectLeftovers({ name: 'identity', zone, leftovers, failpoint: async () => undefined });
    },
    eraseOriginals: async (plan) => {
      await eraseOriginals(zone, plan);
      for (const message of plan.held) await reviewOf(ports).remove(message);
    },
    eraseRegister: async ({ resources, patients }, agent) => {
      const erased = await register.erase(
        resources,
        patients,
        erasureRecord('job:erasure.identity', patients.length, agent),
      );
      const links = await publishLinks(register, curated, query);
      await forgetHistory(query, curated, [links.name]);
      return erased;
    },
  };
}
