import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import {
  type IdentityAnswers,
  type IdentityRequest,
  type IdentityRequests,
  identityRequestOf,
} from '../../identity/identity-requests';
import { identityRequestsManifest, quarantineReplayManifest } from '../../identity/manifest';
import { NamedOperators, type OperatorCredential } from '../../identity/named-operators';
import type { OptOutListName } from '../../identity/opt-out-store';
import type { LinkDecision } from '../../identity/person-links';
import type { HeldMessage, Replayed, ReplayOptions } from '../../identity/quarantine-review';
import type { RevealedPerson } from '../../identity/reidentification';
import { reidentificationStore } from '../../identity/reidentification-store';
import { readProfilePackages } from '../../ingest/profile-folder';
import { defineManifest, onRequest, state } from '../../manifest';
import type { IdentityOperations } from '../../operator/identity-operations';
import { identityOperatorManifest } from '../../operator/manifest';
import { identityFunction } from '../compose/identity-function';
import { identityRequestsFunction } from '../compose/identity-requests-function';
import { identityOperationsOver } from '../compose/operator-functions';
import { quarantineReplayFunction } from '../compose/quarantine-replay-function';
import type { LakeParts } from './lake-parts';

/** Who is who on one machine; a stack has its own sign-in. */
const namedOperatorsManifest = defineManifest({
  name: 'named-operators',
  trigger: onRequest(),
  uses: { store: state(reidentificationStore, ['addOperator', 'secretDigest', 'refused']) },
});

/** The name of the operator of the machine in the audit. */
const local = 'local';

/** What an operator may have done inside the identity zone of one machine; each takes one plain input. */
export class LocalIdentity {
  readonly #parts: LakeParts;
  readonly #requests: IdentityRequests;
  readonly #operations: IdentityOperations;
  readonly #operators: NamedOperators;

  constructor(parts: LakeParts) {
    this.#parts = parts;
    this.#requests = identityRequestsFunction(parts.ports(identityRequestsManifest));
    this.#operations = identityOperationsOver(parts.ports(identityOperatorManifest));
    this.#operators = new NamedOperators(parts.ports(namedOperatorsManifest).store, systemClock);
    // The functions of this process; which one asks is said by whoever gave it its ports.
    parts.answer(identityRequestsManifest.name, (caller, request) => this.ask(caller, identityRequestOf(request)));
    parts.answer(quarantineReplayManifest.name, (caller, request) =>
      quarantineReplayFunction(parts, readProfilePackages(parts.folder.packages)).answer(caller, request),
    );
  }

  /** Another function of this process asks; which one is said by whoever composed it. */
  ask<Request extends IdentityRequest>(caller: string, request: Request): Promise<IdentityAnswers[Request['kind']]> {
    return this.#requests.ask(caller, request);
  }

  heldMessages(): Promise<readonly HeldMessage[]> {
    return this.#operations.heldMessages(local);
  }

  replayHeld(tracking: string, options: ReplayOptions): Promise<Replayed> {
    return this.#operations.replayHeld(tracking, options, local);
  }

  async decideLink(input: Omit<LinkDecision, 'decided'>): Promise<{ readonly changed: number }> {
    const result = await this.#operations.decideLink(input, local);
    await identityFunction(this.#parts).publishLinks();
    return result;
  }

  async supersede(input: {
    readonly pairs: readonly { readonly old: string; readonly replacement: string | undefined }[];
  }): Promise<{ readonly changed: number }> {
    const result = await this.#operations.supersede(input.pairs, local);
    await identityFunction(this.#parts).publishLinks();
    return result;
  }

  loadOptOuts(input: {
    readonly name: OptOutListName;
    readonly asOf: string;
    readonly longestAgeDays: number;
    readonly text: string;
  }) {
    return this.#operations.loadOptOuts(input, local);
  }

  optOutLists() {
    return this.#operations.optOutLists();
  }

  askOptOuts(): Promise<string> {
    return this.#operations.askOptOuts(local);
  }

  messageReports(input: { readonly requestId: string }) {
    return this.#operations.messageReports(input.requestId, local);
  }

  createProject(input: { readonly project: string }): Promise<void> {
    return this.#operations.createProject(input.project, local);
  }

  /** Writes the secret once, mode 600. */
  async addOperator(input: { readonly name: string }): Promise<{ readonly name: string; readonly secretFile: string }> {
    const { name, secret } = await this.#operators.add(input.name);
    const folder = join(this.#parts.folder.credentials, 'operators');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const secretFile = join(folder, `${name}.secret`);
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
    return { name, secretFile };
  }

  requestReidentification(input: {
    readonly operator: OperatorCredential;
    readonly project: string;
    readonly token: string;
    readonly reason: string;
  }): Promise<{ readonly id: string }> {
    return this.#operators.as(input.operator, 'lake reidentify request', (by) =>
      this.#operations.reidentification.request(by, input),
    );
  }

  approveReidentification(input: {
    readonly operator: OperatorCredential;
    readonly id: string;
    readonly minutes: number;
  }): Promise<{ readonly expires: string }> {
    return this.#operators.as(input.operator, 'lake reidentify approve', (by) =>
      this.#operations.reidentification.approve(by, input.id, input.minutes),
    );
  }

  revealReidentification(input: {
    readonly operator: OperatorCredential;
    readonly id: string;
  }): Promise<RevealedPerson> {
    return this.#operators.as(input.operator, 'lake reidentify reveal', (by) =>
      this.#operations.reidentification.reveal(by, input.id),
    );
  }

  reidentifications() {
    return this.#operations.reidentification.list();
  }
}

/** Operations that a command may ask for, here or of a running lake. */
export const identityOperations = [
  'decideLink',
  'supersede',
  'loadOptOuts',
  'optOutLists',
  'askOptOuts',
  'messageReports',
  'createProject',
  'addOperator',
  'requestReidentification',
  'approveReidentification',
  'revealReidentification',
  'reidentifications',
] as const satisfies readonly (keyof LocalIdentity)[];
export type IdentityOperation = (typeof identityOperations)[number];
export type IdentityInput<Name extends IdentityOperation> = Parameters<LocalIdentity[Name]>[0];
export type IdentityResult<Name extends IdentityOperation> = Awaited<ReturnType<LocalIdentity[Name]>>;
