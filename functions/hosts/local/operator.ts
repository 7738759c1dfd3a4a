import { LakeError } from '../../../adapters/ports/errors';
import type { QueryResult } from '../../../adapters/ports/query-engine';
import type { AuditRecord } from '../../audit/audit-record';
import type { AuditReport } from '../../audit/audit-verify';
import type { CurateResult } from '../../curate/curate';
import type { ErasureCertificate } from '../../erasure/erasure-plan';
import type { HeldMessage, Replayed, ReplayOptions } from '../../identity/quarantine-review';
import { readProfilePackages } from '../../ingest/profile-folder';
import type { JobQueue } from '../../jobs/job-queue';
import type { JobHandler } from '../../jobs/job-runner';
import { type LakeCounts, lakeCounts } from '../../operator/lake-counts';
import type { Collected } from '../../orphans/collect-orphans';
import type { PrivacyRules } from '../../privacy/privacy-rules';
import type { Provider } from '../../provider-access/provider-register';
import type { ResplitCounts } from '../../resplit/resplit';
import type { LegalHold } from '../../retention/retention-store';
import { type CompactionResult, compactionFunction } from '../compose/compaction-function';
import type { MadeExtract } from '../compose/extract-function';
import type { ErasureRequest } from '../compose/identity-erasure-function';
import { importHandler } from '../compose/import-function';
import type { RotatedKey } from '../compose/key-rotation-function';
import type { MartBuild } from '../compose/marts-function';
import type { Expired, RetentionReport } from '../compose/retention-function';
import type { StagedMartsResult } from '../compose/staged-marts-function';
import type { Transferred } from '../export-folder';
import { AuditStreams } from './audit-streams';
import type { LakeFolder } from './lake-folder';
import type { LakeParts } from './lake-parts';
import { LocalErasure } from './local-erasure';
import { type ExtractRequest, localExtract } from './local-extracts';
import { LocalFunctions } from './local-functions';
import {
  type IdentityInput,
  type IdentityOperation,
  type IdentityResult,
  identityOperations,
  LocalIdentity,
} from './local-identity';
import { LocalKeyRotation } from './local-key-rotation';
import { LocalMarts, type MartSummary } from './local-marts';
import { LocalOrphans } from './local-orphans';
import { LocalProviders, type ProviderInput, type RegisteredProvider } from './local-providers';
import { LocalResplit, type ResplitOptions } from './local-resplit';
import { LocalRetention } from './local-retention';
import { LocalTransfer } from './local-transfer';
import { operatorManifest } from './operator-manifest';
import { runOperatorSql } from './operator-sql';

export interface LakeStatus extends LakeCounts {
  readonly zones: LakeFolder['zones'];
  readonly database: LakeFolder['database'];
}

/** What the operator of the machine may do: the verbs of the command line, in this process or through the socket. */
export class Operator {
  readonly #parts: LakeParts;
  readonly #ports;
  readonly #functions: LocalFunctions;
  readonly #marts: LocalMarts;
  readonly #streams: AuditStreams;
  readonly #erasure: LocalErasure;
  readonly #rotation: LocalKeyRotation;
  readonly #retention: LocalRetention;
  readonly #identity: LocalIdentity;
  readonly #resplit: LocalResplit;
  readonly #orphans: LocalOrphans;
  readonly #providers: LocalProviders;
  #exclusive: Promise<unknown> = Promise.resolve();

  constructor(parts: LakeParts) {
    this.#parts = parts;
    this.#ports = parts.ports(operatorManifest);
    this.#functions = new LocalFunctions(parts);
    this.#identity = new LocalIdentity(parts);
    this.#marts = new LocalMarts(parts, this.#functions);
    this.#streams = new AuditStreams(parts);
    this.#erasure = new LocalErasure(parts, this.#marts);
    this.#retention = new LocalRetention(parts, this.#erasure);
    this.#resplit = new LocalResplit(parts);
    this.#orphans = new LocalOrphans(parts);
    this.#providers = new LocalProviders(parts.folder, this.#ports.register);
    this.#rotation = new LocalKeyRotation(parts, this.#erasure);
  }

  get jobQueue(): Pick<
    JobQueue,
    'claim' | 'heartbeat' | 'complete' | 'fail' | 'release' | 'abandon' | 'declare' | 'tick'
  > {
    return this.#ports.jobs as JobQueue;
  }

  /** Seals the audit at a steady beat until the function it gives is called, which seals once more. */
  startSealing(onFailure: (error: unknown) => void): () => Promise<void> {
    return this.#streams.start(onFailure);
  }

  registerProvider(input: ProviderInput): Promise<RegisteredProvider> {
    return this.#providers.register(input);
  }

  listProviders(): Promise<readonly Provider[]> {
    return this.#providers.list();
  }

  disableProvider(ods: string): Promise<void> {
    return this.#providers.disable(ods);
  }

  enableProvider(ods: string): Promise<void> {
    return this.#providers.enable(ods);
  }

  rotateProviderKey(ods: string): Promise<RegisteredProvider> {
    return this.#providers.rotateKey(ods);
  }

  retireProviderKey(ods: string, kid?: string): Promise<{ readonly ods: string; readonly retired: string }> {
    return this.#providers.retireKey(ods, kid);
  }

  curate(progress?: (result: CurateResult) => void): Promise<CurateResult> {
    return this.#alone(() => this.#functions.curate(progress));
  }

  compact(partitionAbove?: number): Promise<CompactionResult> {
    return this.#alone(() => compactionFunction(this.#parts, { recorded: true, partitionAbove }));
  }

  /** The job that an upload asks for. */
  get importHandler(): JobHandler {
    return importHandler(this.#parts, readProfilePackages(this.#parts.folder.packages));
  }

  /** Builds the named marts, all of them when none is named; `full` flattens everything again instead of what is new. */
  buildMarts(names: readonly string[], full = false): Promise<readonly MartBuild[]> {
    return this.#alone(() => this.#marts.build(names, { full }));
  }

  /** Takes what another engine has staged for marts. */
  takeStagedMarts(): Promise<StagedMartsResult> {
    return this.#alone(() => this.#marts.takeStaged());
  }

  listMarts(): Promise<readonly MartSummary[]> {
    return this.#marts.list();
  }

  /** Writes the rows of a mart's definition into a file for a research project; what landed is curated first by its job, not here. */
  extract(request: ExtractRequest): Promise<MadeExtract> {
    return this.#alone(() => localExtract(this.#parts, request));
  }

  /** `lake doctor` looks at the files itself, also of a lake that cannot start; a running lake records that it does. */
  async doctor(): Promise<void> {}

  jobs() {
    return this.#ports.jobs.list();
  }

  async sql(text: string): Promise<QueryResult> {
    return runOperatorSql(this.#parts, await this.#functions.catalogue.tables(), text);
  }

  verifyAudit(): Promise<AuditReport> {
    return this.#alone(() => this.#streams.verify());
  }

  heldMessages(): Promise<readonly HeldMessage[]> {
    return this.#identity.heldMessages();
  }

  replayHeld(tracking: string, options: ReplayOptions): Promise<Replayed> {
    return this.#identity.replayHeld(tracking, options);
  }

  /** What is done inside the identity zone, by name; what landed a moment ago is taken in first. */
  identity<Name extends IdentityOperation>(name: Name, input: IdentityInput<Name>): Promise<IdentityResult<Name>> {
    if (!identityOperations.includes(name))
      throw new LakeError('Unsupported', 'The identity zone knows no such operation.');
    const operation = this.#identity[name] as (one: IdentityInput<Name>) => Promise<IdentityResult<Name>>;
    return this.#afterAbsorbing(() => operation.call(this.#identity, input));
  }

  /** What landed a moment ago is taken into the register first, so that it is found; so is what a re-split left behind. */
  erase(request: ErasureRequest): Promise<ErasureCertificate> {
    return this.#afterAbsorbing(async () => {
      await this.#finishResplit();
      await this.#orphans.leftovers();
      return this.#erasure.erase(request);
    });
  }

  retentionReport(input: { readonly at?: string | undefined }): Promise<RetentionReport> {
    return this.#afterAbsorbing(() => this.#retention.report(input));
  }

  /** Expires what is past its time; `now` is for those who play with the clock. */
  expire(now?: Date): Promise<Expired> {
    return this.#afterAbsorbing(async () => {
      await this.#finishResplit();
      await this.#orphans.leftovers();
      return this.#retention.run(now);
    });
  }

  hold(input: Parameters<LocalRetention['hold']>[0]): Promise<readonly LegalHold[]> {
    return this.#afterAbsorbing(() => this.#retention.hold(input));
  }

  releaseHold(input: { readonly id: string }): Promise<readonly LegalHold[]> {
    return this.#retention.release(input);
  }

  holds(): Promise<readonly LegalHold[]> {
    return this.#retention.holds();
  }

  /** Splits sealed originals again under the present rules; tables and marts show the outcome when it returns. */
  resplit(options: ResplitOptions, rules?: PrivacyRules): Promise<ResplitCounts> {
    return this.#alone(async () => {
      await this.#orphans.leftovers();
      const counts = await this.#resplit.run(options, rules);
      if (!options.dryRun) await this.#finishResplit();
      return counts;
    });
  }

  /** Takes out what crashes and refused requests left in the zones; `now` is for those who play with the clock. */
  collectOrphans(now?: Date): Promise<Collected> {
    return this.#alone(() => this.#orphans.collect(now));
  }

  async #finishResplit(): Promise<void> {
    if (!(await this.#resplit.isUnfinished())) return;
    await this.#functions.curate();
    await this.#resplit.takeOutSuperseded();
    await this.#erasure.rebuildMarts();
  }

  /** Makes a new pseudonym key and makes everything over under it, while senders go on. */
  rotatePseudonymKey(): Promise<RotatedKey> {
    return this.#alone(() => this.#rotation.rotate());
  }

  /** Finishes a rotation that a crash interrupted; called at every start. */
  resumeRotation(): Promise<RotatedKey | undefined> {
    return this.#alone(() => this.#rotation.resume());
  }

  /** Finishes what a crash interrupted, erasures and re-splits; called at every start. */
  resumeErasures(): Promise<readonly ErasureCertificate[]> {
    return this.#alone(async () => {
      await this.#finishResplit();
      return this.#erasure.resume();
    });
  }

  certificates({ id }: { readonly id?: string | undefined }): Promise<readonly ErasureCertificate[]> {
    return this.#erasure.certificates(id);
  }

  verifyErasure(certificate: ErasureCertificate): Promise<boolean> {
    return this.#erasure.verify(certificate);
  }

  /** Everything out in open forms; what is sealed stays sealed. */
  async exportLake(out: string, passphrase: string | undefined): Promise<Transferred> {
    const transfer = new LocalTransfer(this.#parts);
    return this.#alone(async () => {
      const rows = await this.#streams.whileHeld(() => transfer.exportState(out));
      return transfer.exportRest(out, rows, passphrase);
    });
  }

  /** Of what the operator did that no other transaction carries. */
  async record(record: Pick<AuditRecord, 'event' | 'action' | 'outcome'>): Promise<void> {
    await this.#functions.audit({ ...record, agent: { kind: 'operator', id: 'local' }, purpose: 'HOPERAT' });
  }

  /** Writes both streams of the audit into a folder in open forms. */
  async exportAudit(out: string): Promise<{ readonly records: number; readonly files: number }> {
    return this.#alone(() => this.#streams.export(out));
  }

  async status(): Promise<LakeStatus> {
    const { zones, database } = this.#parts.folder;
    return { zones, database, ...(await lakeCounts(this.#functions.ledger, this.#functions.catalogue)) };
  }

  /** Offers every dead letter again, as if it had never been tried. */
  async redrive(): Promise<{ readonly redriven: number }> {
    return { redriven: await this.#functions.ledger.redrive() };
  }

  /** What landed a moment ago is in the register before the work begins. */
  #afterAbsorbing<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#alone(async () => {
      await this.#functions.absorbIdentities();
      return work();
    });
  }

  /** One writer of tables at a time in this process; the tables themselves would hold, the work would be done twice. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#exclusive.then(work, work);
    this.#exclusive = next.catch(() => undefined);
    return next;
  }
}
