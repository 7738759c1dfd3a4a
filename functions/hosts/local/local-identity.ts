import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { AuditRecord } from '../../audit/audit-record';
import {
  type IdentityAnswers,
  type IdentityRequest,
  type IdentityRequests,
  identityRequestOf,
} from '../../identity/identity-requests';
import { identityRequestsManifest } from '../../identity/manifest';
import { type OptOutListName, type OptOutListState, optOutListNames } from '../../identity/opt-out-store';
import type { LinkDecision } from '../../identity/person-links';
import type { ProjectKeys } from '../../identity/project-keys';
import { type OperatorCredential, Reidentification, type RevealedPerson } from '../../identity/reidentification';
import type { MessageReport } from '../../ingest/message-report';
import { readMeshList, readTypeOneList, writeMeshList } from '../../privacy/opt-out';
import { identityFunction } from '../compose/identity-function';
import { identityRequestsFunction } from '../compose/identity-requests-function';
import type { LakeParts } from './lake-parts';

/** What an operator may have done inside the identity zone of one machine; each takes one plain input. */
export class LocalIdentity {
  readonly #parts: LakeParts;
  readonly #ports;
  readonly #projects: ProjectKeys;
  readonly #requests: IdentityRequests;
  readonly #reidentification: Reidentification;

  constructor(parts: LakeParts) {
    this.#parts = parts;
    this.#ports = parts.ports(identityRequestsManifest);
    const { lookup, reidentification } = this.#ports;
    const { requests, projectKeys } = identityRequestsFunction(this.#ports);
    this.#projects = projectKeys;
    this.#requests = requests;
    this.#reidentification = new Reidentification({
      lookup,
      projects: projectKeys,
      clock: systemClock,
      store: reidentification,
    });
    // The functions of this process; which one asks is said by whoever gave it its ports.
    parts.answer(identityRequestsManifest.name, (caller, request) => this.ask(caller, identityRequestOf(request)));
  }

  /** Another function of this process asks; which one is said by whoever composed it. */
  ask<Request extends IdentityRequest>(caller: string, request: Request): Promise<IdentityAnswers[Request['kind']]> {
    return this.#requests.ask(caller, request);
  }

  async decideLink(input: Omit<LinkDecision, 'decided'>): Promise<{ readonly changed: number }> {
    const event = input.kind === 'apart' ? 'unlink' : 'link';
    const audit = this.#audit(event, `lake identity ${event}`);
    const changed = await this.#ports.register.decide({ ...input, decided: audit.recorded }, audit);
    await identityFunction(this.#parts).publishLinks();
    return { changed };
  }

  async supersede(input: {
    readonly pairs: readonly { readonly old: string; readonly replacement: string | undefined }[];
  }): Promise<{ readonly changed: number }> {
    let changed = 0;
    for (const { old, replacement } of input.pairs) {
      const audit = this.#audit('link', 'lake identity supersede');
      changed += await this.#ports.register.supersede({ old, replacement, decided: audit.recorded }, audit);
    }
    await identityFunction(this.#parts).publishLinks();
    return { changed };
  }

  async loadOptOuts(input: {
    readonly name: OptOutListName;
    readonly asOf: string;
    readonly longestAgeDays: number;
    readonly text: string;
  }): Promise<readonly OptOutListState[]> {
    const { name, longestAgeDays, text } = input;
    const asOf = new Date(input.asOf);
    if (!optOutListNames.includes(name) || Number.isNaN(asOf.getTime()) || !(longestAgeDays >= 1))
      throw new LakeError(
        'InvalidArgument',
        'An opt-out list is national or type-1, dated (RFC 3339), relied on for a whole number of days from 1.',
      );
    const { optOuts } = this.#ports;
    const numbers =
      name === 'national' ? readMeshList(text, new Set(await optOuts.numbersToAsk())) : readTypeOneList(text);
    const audit = this.#audit('securityConfiguration', 'lake identity opt-out load');
    await optOuts.load({ name, asOf: asOf.toISOString(), longestAgeDays }, numbers, audit);
    return optOuts.lists();
  }

  optOutLists(): Promise<readonly OptOutListState[]> {
    return this.#ports.optOuts.lists();
  }

  /** The question to the national check service, as a file for MESH. */
  async askOptOuts(): Promise<string> {
    const numbers = await this.#ports.optOuts.numbersToAsk();
    await this.#ports.register.record(this.#audit('disclose', 'lake identity opt-out ask'));
    return writeMeshList(numbers);
  }

  /** What the split changed in the messages of this request id, for each provider that used it. */
  async messageReports(input: {
    readonly requestId: string;
  }): Promise<readonly { readonly provider: string; readonly report: MessageReport }[]> {
    const audit = this.#audit('restrictedFunction', 'lake identity report');
    const rows = await this.#ports.register.reportsOf(input.requestId, audit);
    return rows.map(({ provider, report }) => ({ provider, report: JSON.parse(report) as MessageReport }));
  }

  createProject(input: { readonly project: string }): Promise<void> {
    return this.#projects.create(input.project, this.#audit('accessChange', 'lake identity project create'));
  }

  /** Writes the secret once, mode 600. */
  async addOperator(input: { readonly name: string }): Promise<{ readonly name: string; readonly secretFile: string }> {
    const { name, secret } = await this.#reidentification.addOperator(input.name);
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
    return this.#reidentification.request(input.operator, input);
  }

  approveReidentification(input: {
    readonly operator: OperatorCredential;
    readonly id: string;
    readonly minutes: number;
  }): Promise<{ readonly expires: string }> {
    return this.#reidentification.approve(input.operator, input.id, input.minutes);
  }

  revealReidentification(input: {
    readonly operator: OperatorCredential;
    readonly id: string;
  }): Promise<RevealedPerson> {
    return this.#reidentification.reveal(input.operator, input.id);
  }

  reidentifications() {
    return this.#reidentification.list();
  }

  #audit(event: AuditRecord['event'], action: string): AuditRecord {
    return {
      recorded: systemClock.now().toISOString(),
      event,
      action,
      agent: { kind: 'operator', id: 'local' },
      outcome: { result: 'allowed', code: 'done' },
      purpose: 'HOPERAT',
    };
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
