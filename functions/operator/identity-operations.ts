import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import { landedEvent } from '../dispatch/dispatch';
import { linksChanged } from '../identity/absorb';
import { type OptOutListName, type OptOutListState, optOutListNames } from '../identity/opt-out-store';
import type { LinkDecision } from '../identity/person-links';
import { createProjectKey, ProjectKeys } from '../identity/project-keys';
import {
  type HeldMessage,
  QuarantineReview,
  type Replayed,
  type ReplayOptions,
  type ReviewServices,
} from '../identity/quarantine-review';
import { Reidentification } from '../identity/reidentification';
import type { MessageReport } from '../ingest/message-report';
import type { PortsOf } from '../manifest';
import { readNhsNumber } from '../privacy/nhs-number';
import { readMeshList, readTypeOneList, writeMeshList } from '../privacy/opt-out';
import type { identityOperatorManifest } from './manifest';
import { doneRecord, type OperationName, operationRecords } from './operation-records';

export type IdentityOperationPorts = Omit<PortsOf<typeof identityOperatorManifest>, 'callers'>;

/** What people have done inside the identity zone, on one machine and of a deployed lake; `who` is their name in its audit. */
export class IdentityOperations {
  readonly reidentification: Reidentification;
  readonly #ports: IdentityOperationPorts;
  readonly #clock: Clock;
  readonly #review: QuarantineReview;

  /** @param open opens what ingest sealed for the identity zone. */
  constructor(ports: IdentityOperationPorts, open: ReviewServices['open'], clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
    const { lookup, projects, identityKey, held, register } = ports;
    this.#review = new QuarantineReview({ store: held, open, register });
    this.reidentification = new Reidentification({
      lookup,
      projects: new ProjectKeys({ projects, key: identityKey }),
      clock,
      store: ports.reidentification,
    });
  }

  heldMessages(who: string): Promise<readonly HeldMessage[]> {
    return this.#review.list(who);
  }

  replayHeld(tracking: string, { acceptNhsNumber }: ReplayOptions, who: string): Promise<Replayed> {
    const { replay } = this.#ports;
    return this.#review.replay(
      tracking,
      who,
      async ({ provider }) => (await replay.ask({ provider, tracking, acceptNhsNumber })) as Replayed,
    );
  }

  async decideLink(input: Omit<LinkDecision, 'decided'>, who: string): Promise<{ readonly changed: number }> {
    const { patientRef, kind } = input;
    const nhsNumber = input.nhsNumber === undefined ? undefined : validNumber(input.nhsNumber);
    if ((kind === 'bears') !== (nhsNumber !== undefined)) throw noDecision();
    const told =
      kind === 'apart' ? ({ event: 'unlink', action: 'lake identity unlink' } as const) : operationRecords.decideLink;
    const audit = doneRecord(told, who, this.#clock.now());
    const decision = { patientRef, kind, nhsNumber, decided: audit.recorded };
    const changed = await this.#ports.register.decide(decision, audit);
    await this.#publishLinks();
    return { changed };
  }

  async supersede(
    pairs: readonly { readonly old: string; readonly replacement: string | undefined }[],
    who: string,
  ): Promise<{ readonly changed: number }> {
    const checked = pairs.map(({ old, replacement }) => ({
      old: validNumber(old),
      replacement: replacement === undefined ? undefined : validNumber(replacement),
    }));
    let changed = 0;
    for (const pair of checked) {
      const audit = this.#auditOf('supersede', who);
      changed += await this.#ports.register.supersede({ ...pair, decided: audit.recorded }, audit);
    }
    await this.#publishLinks();
    return { changed };
  }

  async loadOptOuts(
    input: {
      readonly name: string;
      readonly asOf: string;
      readonly longestAgeDays: number;
      readonly text: string;
    },
    who: string,
  ): Promise<readonly OptOutListState[]> {
    const { longestAgeDays, text } = input;
    const name = optOutListNames.find((one): one is OptOutListName => one === input.name);
    const asOf = new Date(input.asOf);
    if (
      name === undefined ||
      Number.isNaN(asOf.getTime()) ||
      !(Number.isSafeInteger(longestAgeDays) && longestAgeDays >= 1)
    )
      throw new LakeError(
        'InvalidArgument',
        'An opt-out list is national or type-1, dated (RFC 3339), relied on for a whole number of days from 1.',
      );
    const { optOuts } = this.#ports;
    const numbers =
      name === 'national' ? readMeshList(text, new Set(await optOuts.numbersToAsk())) : readTypeOneList(text);
    const audit = this.#auditOf('loadOptOuts', who);
    await optOuts.load({ name, asOf: asOf.toISOString(), longestAgeDays }, numbers, audit);
    return optOuts.lists();
  }

  optOutLists(): Promise<readonly OptOutListState[]> {
    return this.#ports.optOuts.lists();
  }

  /** The question to the national check service, as a file for MESH. */
  async askOptOuts(who: string): Promise<string> {
    const numbers = await this.#ports.optOuts.numbersToAsk();
    await this.#ports.register.record(this.#auditOf('askOptOuts', who));
    return writeMeshList(numbers);
  }

  /** What the split changed in the messages of this request id, for each provider that used it. */
  async messageReports(
    requestId: string,
    who: string,
  ): Promise<readonly { readonly provider: string; readonly report: MessageReport }[]> {
    const rows = await this.#ports.register.reportsOf(requestId, this.#auditOf('messageReports', who));
    return rows.map(({ provider, report }) => ({ provider, report: JSON.parse(report) as MessageReport }));
  }

  createProject(project: string, who: string): Promise<void> {
    const { projects, identityKey } = this.#ports;
    return createProjectKey(projects, identityKey, project, this.#auditOf('createProject', who));
  }

  /** Where the identity function takes it, it writes the link table anew. */
  #publishLinks(): Promise<void> {
    const told = { id: randomUUID(), source: '/lake/operator', zone: 'identity', data: linksChanged } as const;
    return this.#ports.identityLanded.publish(landedEvent(this.#clock, told));
  }

  #auditOf(name: OperationName, who: string): AuditRecord {
    return doneRecord(operationRecords[name], who, this.#clock.now());
  }
}

const noDecision = (): LakeError =>
  new LakeError('InvalidArgument', 'A decision is bears, with the NHS number, or apart, or withdrawn.');

/** @throws LakeError `InvalidArgument` for what is no decision. */
export function linkKindOf(text: string): LinkDecision['kind'] {
  if (text === 'bears' || text === 'apart' || text === 'withdrawn') return text;
  throw noDecision();
}

function validNumber(text: string): string {
  const reading = readNhsNumber(text);
  if (reading.kind === 'valid') return reading.value;
  throw new LakeError(
    'InvalidArgument',
    'An NHS number has ten digits, the last of which checks the others (modulus 11).',
  );
}
