import { systemClock } from '../../../adapters/ports/clock';
import type { Requests } from '../../../adapters/ports/requests';
import type { AuditRecord } from '../../audit/audit-record';
import type { JobWork } from '../../jobs/job-runner';
import { type KeyRotationStep, keyRotationStepOf } from '../../key-rotation/key-rotation-request';
import { identityKeyRotationManifest, keyRotationJobManifest } from '../../key-rotation/manifest';
import { answersDesk } from '../../operator/desk-request';
import type { HostEnvironment } from '../host-environment';
import type { HostParts } from '../host-parts';
import { type IdentityKeyRotation, identityKeyRotation } from './identity-key-rotation-function';
import { KeyRotation } from './key-rotation-function';
import { rebuildPublishedMarts } from './rebuild-marts';

/** What the job is given: who asked. */
export interface KeyRotationInput {
  readonly operator: string;
}

/** The identity zone's half, in its own process. */
const over = (identity: Requests): IdentityKeyRotation => {
  const ask = (step: KeyRotationStep): Promise<unknown> => identity.ask(step);
  return {
    // What is absent is null in JSON.
    liftOriginals: async (keys, after) =>
      ((await ask({ kind: 'originals', keys, after })) ?? undefined) as string | undefined,
    remapRegister: async (keys, after) =>
      ((await ask({ kind: 'register', keys, after })) ?? undefined) as readonly string[] | undefined,
    publishLinks: async (version) => void (await ask({ kind: 'links', version })),
  };
};

/**
 * The job of a process of its own: `key-rotation` gives the version that makes every pseudonym now. What an earlier run left
 * unfinished goes on first, and is then what this one was asked for.
 *
 * @public loaded by name when a process serves this function
 */
export function keyRotationWork(parts: HostParts, { martsFolder }: Pick<HostEnvironment, 'martsFolder'>): JobWork {
  const { queue, catalogue, audit, identity, identityRotation, marts, ...lake } = parts.ports(keyRotationJobManifest);
  const { curated, query } = lake;
  const rotation = new KeyRotation({
    lake,
    identity: over(identityRotation),
    rebuildMarts: () => rebuildPublishedMarts({ curated, marts, query, catalogue, audit, identity }, martsFolder),
    // Its databases are servers of their own, which clean up after themselves.
    forgetDeletedRows: async () => undefined,
    failpoint: (name) => parts.failpoint(name),
  });
  return {
    queue,
    handlers: {
      'key-rotation': async ({ run, input, signal }) => {
        const { operator } = input as KeyRotationInput;
        const agent = { kind: 'operator', id: operator } as const;
        return (await rotation.resume(agent, signal)) ?? rotation.rotate(run.id, agent, signal);
      },
    },
  };
}

/**
 * The identity zone's half as it answers the lake's: one portion each, every answer and refusal in the zone's audit.
 *
 * @public loaded by name when a process serves this function
 */
export function identityKeyRotationAnswers(parts: HostParts) {
  const { callers, ...ports } = parts.ports(identityKeyRotationManifest);
  const rotation = identityKeyRotation(ports);
  const record = (audit: Omit<AuditRecord, 'recorded' | 'purpose'>): Promise<void> =>
    ports.register.record({ recorded: systemClock.now().toISOString(), ...audit, purpose: 'HSYSADMIN' });
  const answer = answersDesk(identityKeyRotationManifest, record, async (request) => {
    const step = keyRotationStepOf(request);
    await record({
      event: 'securityConfiguration',
      action: `identity:key-rotation.${step.kind}`,
      agent: { kind: 'function', id: 'key-rotation' },
      outcome: { result: 'allowed', code: 'answered' },
    });
    switch (step.kind) {
      case 'originals':
        return rotation.liftOriginals(step.keys, step.after);
      case 'register':
        return rotation.remapRegister(step.keys, step.after);
      case 'links':
        return rotation.publishLinks(step.version);
    }
  });
  return { callers, answer };
}
