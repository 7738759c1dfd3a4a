import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { NhsNumberSource } from '../../functions/simulation/nhs-number-source';
import type { Life } from './killable-lake';

/** One write of one version of one resource, as a sender remembers it over all lives of the lake. */
interface Sending {
  readonly type: 'Observation' | 'Patient';
  readonly id: string;
  readonly version: number;
  readonly requestId: string;
  readonly body: string;
  acknowledged: boolean;
}

const verified = {
  url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatusEngland',
  valueCodeableConcept: {
    coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland', code: '01' }],
  },
};

/** A code system of the senders' own, which the shipped privacy rules drop. */
export const localCodes = { system: 'https://example.nhs.uk/local-codes', pattern: '[A-Z]{3}' };

export const patientWith = (id: string, nhsNumber: string): string =>
  JSON.stringify({
    resourceType: 'Patient',
    id,
    identifier: [{ extension: [verified], system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber }],
    gender: 'female',
  });

export const observationOf = (id: string, patient: string, value = 1): string =>
  JSON.stringify({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: {
      coding: [
        { system: 'http://loinc.org', code: '8480-6' },
        { system: localCodes.system, code: 'LOC' },
      ],
    },
    subject: { reference: `Patient/${patient}` },
    valueQuantity: { value },
  });

const parallel = 8;

/**
 * Senders that go on over the lives of a lake and remember what they were told. Half of what had no answer they send again,
 * the same request under the same id, as a sender should; the other half they give up.
 */
export class Senders {
  readonly numbers = new NhsNumberSource('faults');
  readonly sendings: Sending[] = [];
  /** Answers that no sender should get, by status. */
  readonly surprises: number[] = [];
  /** Answers that said: not now, send it again. */
  turnedAway = 0;
  readonly #pauseMilliseconds: number;
  #open: Sending[] = [];

  /** @param pauseMilliseconds of each of the eight between two writes. */
  constructor(pauseMilliseconds: number) {
    this.#pauseMilliseconds = pauseMilliseconds;
  }

  /** Sends until the life is over, or it is enough. */
  async send(life: Life, isEnough: () => boolean = () => false): Promise<void> {
    const isOver = (): boolean => life.isOver() || isEnough();
    await Promise.all(Array.from({ length: parallel }, (_, index) => this.#one(life, index === 0, isOver)));
  }

  /** One write that must be acknowledged. */
  async acknowledge(life: Life, type: Sending['type'], id: string, body: string): Promise<void> {
    const sending = this.#next(type, id, 1, body);
    await this.#put(life, sending);
    if (!sending.acknowledged) throw new Error('A write of a living lake had no answer.');
  }

  /** What a bulk import said it had stored, line by line. */
  imported(ids: readonly string[], manifest: string): void {
    const { lines, accepted, duplicate } = (JSON.parse(manifest) as { extension: Record<string, number> }).extension;
    // A line whose first attempt was cut off before its outcome is stored once and told as a duplicate.
    if (lines !== ids.length || (accepted ?? 0) + (duplicate ?? 0) !== ids.length) this.surprises.push(lines ?? 0);
    for (const id of ids) this.#next('Observation', id, 1, '').acknowledged = true;
  }

  /** What an import may have stored, whose sender was never told that it was taken. */
  perhaps(ids: readonly string[]): void {
    for (const id of ids) this.#next('Observation', id, 1, '');
  }

  replayed(id: string): void {
    this.#next('Patient', id, 1, '').acknowledged = true;
  }

  get acknowledged(): readonly Sending[] {
    return this.sendings.filter((one) => one.acknowledged);
  }

  async #one(life: Life, sendsPatients: boolean, isOver: () => boolean): Promise<void> {
    let last: Sending | undefined;
    while (!isOver()) {
      const sending = this.#open.pop() ?? this.#invent(last, sendsPatients);
      await this.#put(life, sending);
      if (!sending.acknowledged && Math.random() < 0.5) this.#open.push(sending);
      // What had no clear answer may be stored: a further version of the one before could be refused as stale, and rightly.
      last = sending.acknowledged ? sending : undefined;
      await pause(this.#pauseMilliseconds);
    }
  }

  /** A new resource, or a new version of the one that was acknowledged last. */
  #invent(last: Sending | undefined, sendsPatients: boolean): Sending {
    if (last !== undefined && last.version < 3 && Math.random() < 0.4) {
      const { type, id, version, body } = last;
      return this.#next(type, id, version + 1, type === 'Patient' ? body : observationOf(id, 'p1', version + 1));
    }
    const id = randomUUID();
    return sendsPatients
      ? this.#next('Patient', id, 1, patientWith(id, this.numbers.next()))
      : this.#next('Observation', id, 1, observationOf(id, 'p1'));
  }

  #next(type: Sending['type'], id: string, version: number, body: string): Sending {
    const sending = { type, id, version, requestId: randomUUID(), body, acknowledged: false };
    this.sendings.push(sending);
    return sending;
  }

  async #put(life: Life, sending: Sending): Promise<void> {
    const { type, id, version, requestId, body } = sending;
    const answer = await life.request('PUT', `/${type}/${id}`, body, {
      'x-request-id': requestId,
      ...(version > 1 ? { 'if-match': `W/"${version - 1}"` } : {}),
    });
    // 503: come again, as when there was no answer.
    if (answer?.status === 503) this.turnedAway += 1;
    if (answer === undefined || answer.status === 503) return;
    const expected = version === 1 ? 201 : 200;
    if (answer.status === expected && answer.headers.get('etag') === `W/"${version}"`) sending.acknowledged = true;
    // An error that is no OperationOutcome stands out: below zero.
    else
      this.surprises.push(answer.text.includes('"resourceType":"OperationOutcome"') ? answer.status : -answer.status);
  }
}
