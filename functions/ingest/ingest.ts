import type { Clock } from '../../adapters/ports/clock';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { JsonObject } from '../fhir/json';
import type { Validator } from '../fhir/validator';
import { type IdentityRecord, identityTokens } from '../privacy/identity-record';
import type { Pseudonyms } from '../privacy/pseudonyms';
import { isRestricted, splitResource } from '../privacy/split';
import type { Tokeniser } from '../privacy/tokens';
import { derivedUuid } from './derived-uuid';
import { type EntryIssues, entryAdvice, entryIssues, isFault } from './entry-issues';
import type { GroupCommit } from './group-commit';
import { type EntryAnswer, type IngestAnswer, ingestAnswer } from './ingest-answer';
import { requestAudit } from './ingest-audit';
import type { IngestRequest, Sender } from './ingest-request';
import type { EntryRequest } from './interaction';
import type { Ledger, RequestOutcome, Resolution } from './ledger';
import { type PlacedEntry, placeEntries } from './place-entries';
import type { PreparedEntry } from './prepared-request';
import type { Quarantine } from './quarantine';
import { ReferenceResolver } from './reference-resolver';
import { isRefusal, Refusal } from './refusal';
import { clinicalDigest, type SplitEntry, type SplitNote } from './split-note';

export interface IngestServices {
  readonly validator: Validator;
  readonly pseudonyms: Pseudonyms;
  readonly ledger: Pick<Ledger, 'request' | 'resolve'>;
  readonly groupCommit: Pick<GroupCommit, 'submit'>;
  readonly quarantine: Quarantine;
  /** For what changes nothing: what does is recorded in the transaction that does it. */
  readonly audit: (record: AuditRecord) => Promise<unknown>;
  readonly clock: Clock;
}

/** Somebody else changed what a request resolved: prepared again this often before the sender is asked to come back. */
const maxPreparations = 5;

/** What an entry is before landing: prepared, settled already, or to be held back in quarantine. */
type Candidate =
  | { readonly placed: PlacedEntry; readonly prepared: PreparedEntry }
  | { readonly settled: EntryAnswer }
  | { readonly hold: readonly string[] };

interface Preparation {
  readonly candidates: readonly Candidate[];
  readonly resolutions: readonly Resolution[];
  readonly meanings: SplitNote['meanings'];
}

/** The use case: validated, resolved, split, landed, recorded; then and only then answered. Design section 6. */
export class Ingest {
  readonly #services: IngestServices;

  constructor(services: IngestServices) {
    this.#services = services;
  }

  async accept(request: IngestRequest): Promise<IngestAnswer> {
    const earlier = await this.#earlier(request);
    if (earlier !== undefined) {
      if (earlier.kind === 'repeated') await this.#services.audit(requestAudit(request, [])(earlier));
      return ingestAnswer(request, earlier);
    }
    const faults = entryIssues(this.#services.validator, request);
    const { pseudonyms } = this.#services;
    for (let attempt = 0; attempt < maxPreparations; attempt += 1) {
      const { tokeniser } = pseudonyms;
      const preparation = await this.#prepare(request, faults, tokeniser);
      const outcome = await this.#land(request, preparation, tokeniser);
      if (outcome.kind === 'moved') {
        await pseudonyms.renew();
        continue;
      }
      try {
        return ingestAnswer(request, outcome, preparation.candidates.map(sentIdOf));
      } catch (error) {
        throw isRefusal(error) ? new Refusal(error.status, error.issues, error.headers, true) : error;
      }
    }
    throw new LakeError('Unavailable', 'The resources this request depends on keep changing. Send it again.', {
      retryAfterSeconds: 1,
    });
  }

  /** What the request id was answered with before, if it was. */
  async #earlier({ sender, requestId, route, body }: IngestRequest): Promise<RequestOutcome | undefined> {
    const { ledger, pseudonyms } = this.#services;
    const find = () => ledger.request(sender.ods, requestId, pseudonyms.tokeniser.digestsOf(route, body));
    const earlier = await find();
    if (earlier?.kind !== 'moved') return earlier;
    await pseudonyms.renew();
    return find();
  }

  /** What could be better in each entry of an accepted request, in their order. */
  advice(request: Pick<IngestRequest, 'interaction' | 'sender'>): EntryIssues {
    return entryAdvice(this.#services.validator, request);
  }

  async #prepare(request: IngestRequest, faults: EntryIssues, tokeniser: Tokeniser): Promise<Preparation> {
    const { interaction, sender } = request;
    const resolver = new ReferenceResolver(sender.ods, tokeniser);
    const candidates: (Candidate | undefined)[] = faults.map((issues) =>
      issues.some(isFault) ? { settled: { kind: 'refused', status: 422, issues } } : undefined,
    );
    const sound = interaction.entries.filter((_, index) => candidates[index] === undefined);
    const placed = interaction.atomic
      ? await placeEntries(sound, resolver, this.#services.ledger)
      : await this.#placeEach(sound, resolver);
    // One protected person in a message, and no resource of it may tell where that person is.
    const restricted = interaction.entries.some(({ resource }) => isRestricted(resource));
    let next = 0;
    for (const [index, candidate] of candidates.entries()) {
      if (candidate !== undefined) continue;
      const place = placed[next++]!;
      candidates[index] = 'settled' in place ? place : this.#splitOne(request, place, resolver, tokeniser, restricted);
    }
    const { resolutions, meanings } = resolver;
    return { candidates: await this.#holdBack(request, candidates as Candidate[]), resolutions, meanings };
  }

  /** What cannot be split waits inside the identity zone: all of an atomic request, in a batch the entry alone. */
  async #holdBack(request: IngestRequest, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const reasons = candidates.flatMap((candidate) => ('hold' in candidate ? candidate.hold : []));
    if (reasons.length === 0) return candidates;
    if (request.heldBefore === true)
      throw Refusal.unprocessable(
        'business-rule',
        `The message is still not understood: ${[...new Set(reasons)].join('; ')}.`,
      );
    const { sender, requestId, route } = request;
    // Keyed: a tracking id must not test a guess of the message. The same again when a request is repeated that had no answer.
    const [digest] = this.#services.pseudonyms.tokeniser.digestsOf(route, request.body);
    const hold = async (body: string, why: readonly string[], index = 0): Promise<Candidate> => {
      const tracking = derivedUuid(`${digest} ${sender.ods} ${requestId} ${index}`);
      await this.#services.quarantine.hold(tracking, sender.ods, requestId, route, body, why);
      return { settled: { kind: 'quarantined', tracking } };
    };
    if (request.interaction.atomic) return [await hold(request.body, reasons)];
    return Promise.all(
      candidates.map((candidate, index) =>
        'hold' in candidate ? hold(oneEntryBatch(request.interaction.whole, index), candidate.hold, index) : candidate,
      ),
    );
  }

  /** In a batch each entry stands alone: one that cannot be placed is refused by itself. */
  async #placeEach(
    entries: readonly EntryRequest[],
    resolver: ReferenceResolver,
  ): Promise<(PlacedEntry | { settled: EntryAnswer })[]> {
    const placed: (PlacedEntry | { settled: EntryAnswer })[] = [];
    for (const entry of entries) {
      try {
        placed.push((await placeEntries([entry], resolver, this.#services.ledger))[0]!);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        placed.push({ settled: { kind: 'refused', status: error.status, issues: error.issues } });
      }
    }
    return placed;
  }

  #splitOne(
    { sender }: IngestRequest,
    placed: PlacedEntry,
    resolver: ReferenceResolver,
    tokeniser: Tokeniser,
    restricted: boolean,
  ): Candidate {
    const { entry, id, formerId, expectation, assignedId } = placed;
    const common = { type: entry.type, id, formerId, expectation, assignedId };
    if (expectation.kind === 'exists') {
      const nothing = {
        patientRef: undefined,
        retention: 'general' as const,
        identifiers: [],
        clinicalLine: undefined,
        identityRecord: undefined,
        report: undefined,
      };
      return { placed, prepared: { ...common, ...nothing } };
    }
    const { clock } = this.#services;
    const split = splitResource(entry.resource, {
      provider: sender.ods,
      tokeniser,
      id,
      resolveReference: () => undefined,
      rekeyedReference: resolver.rekeyed,
      restricted,
      receivedOn: clock.now().toISOString().slice(0, 10),
    });
    if (split.kind === 'quarantine') return { hold: split.reasons.map(({ code, path }) => `${code} ${path}`) };
    if (refusedNhsNumber(split.identity, sender) === 'quarantine')
      return { hold: ['nhs-number-invalid Patient.identifier'] };
    return {
      placed,
      prepared: {
        ...common,
        patientRef: split.patientRef,
        retention: split.retentionClass,
        identifiers: identityTokens(entry.resource, tokeniser).map(({ token }) => token),
        clinicalLine: JSON.stringify(split.clinical),
        identityRecord: split.identity,
        report: split.report,
      },
    };
  }

  #land(request: IngestRequest, preparation: Preparation, tokeniser: Tokeniser): Promise<RequestOutcome> {
    const { candidates, resolutions } = preparation;
    const { sender, requestId, interaction, body, route } = request;
    const entries = candidates.flatMap((candidate) => ('prepared' in candidate ? [candidate.prepared] : []));
    return this.#services.groupCommit.submit({
      provider: sender.ods,
      requestId,
      digests: tokeniser.digestsOf(route, body),
      tokenVersion: tokeniser.version,
      atomic: interaction.atomic,
      entries,
      resolutions,
      notes: JSON.stringify(candidates.map((candidate) => ('settled' in candidate ? candidate.settled : null))),
      original: body,
      interaction: route,
      splitNote: noteOf(preparation, tokeniser),
      audit: requestAudit(request, entries),
    });
  }
}

const sentIdOf = (candidate: Candidate): string | undefined =>
  'placed' in candidate ? candidate.placed.senderId : undefined;

function noteOf({ candidates, meanings }: Preparation, { version, digestKey }: Tokeniser): SplitNote {
  const entries = candidates.flatMap((candidate, index): SplitEntry[] => {
    if (!('prepared' in candidate)) return [];
    const { type, id, clinicalLine } = candidate.prepared;
    if (clinicalLine === undefined) return [{ index, type, id }];
    return [{ index, type, id, digest: clinicalDigest(digestKey, clinicalLine) }];
  });
  return { tokenVersion: version, entries, meanings };
}

/** One entry of a batch as a batch of its own, so that a replay knows what it asked for. */
const oneEntryBatch = ({ entry }: JsonObject, index: number): string =>
  JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [(entry as readonly unknown[])[index]] });

/** What the provider's policy makes of an NHS number that is not well formed. */
function refusedNhsNumber(identity: IdentityRecord | undefined, { nhsNumberPolicy }: Sender): 'quarantine' | undefined {
  const claims = (identity?.people ?? []).flatMap(({ nhsNumbers }) => nhsNumbers);
  if (!claims.some(({ reading }) => reading.kind === 'invalid')) return undefined;
  if (nhsNumberPolicy === 'reject') {
    throw Refusal.unprocessable(
      'value',
      'An NHS number fails its check digit (modulus 11). Send the number as traced, or none with the reason it is not available.',
      'Patient.identifier',
    );
  }
  return nhsNumberPolicy === 'quarantine' ? 'quarantine' : undefined;
}
