import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Tokeniser } from '../../functions/privacy/tokens';
import type { GoldenHost } from '../contract/golden-host';
import { GoldenSender } from '../contract/golden-sender';
import { aPatient } from './verified-patient';

/** NHS numbers of people whom both providers know. */
export const numbers = ['9990000018', '9990000026', '9990000034', '9990000042', '9990000050'] as const;
export const ods = { gp: 'A81001', hospital: 'RX901' } as const;

export const observation = (id: string, patient: string, value: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-01-01',
  valueInteger: value,
});

/** The pseudonyms of the first versions of the key, `length` of them; `keys` has the newest first. */
const chain = (keys: readonly KeyObject[], length: number): Tokeniser =>
  new Tokeniser(keys.slice(-length).map((key, index) => ({ version: length - index, key })));

/** People of two providers in a lake whose pseudonym key is rotated while senders go on, and what must be true of them then. */
export class RotatedPeople {
  readonly sent = { observations: 0, patients: 0 };
  readonly gp: GoldenSender;
  readonly #hospital: GoldenSender;
  readonly #rows: GoldenHost['rows'];

  private constructor(gp: GoldenSender, hospital: GoldenSender, rows: GoldenHost['rows']) {
    this.gp = gp;
    this.#hospital = hospital;
    this.#rows = rows;
  }

  static async of(lake: GoldenHost): Promise<RotatedPeople> {
    const sender = async (code: string) => new GoldenSender(lake, await lake.register(code, ['system/*.cu']));
    const people = new RotatedPeople(await sender(ods.gp), await sender(ods.hospital), (sql) => lake.rows(sql));
    for (const [index, number] of numbers.entries()) {
      await people.put(people.gp, aPatient(`g${index}`, number));
      await people.put(people.#hospital, aPatient(`h${index}`, number));
      await people.put(people.gp, observation(`o${index}`, `g${index}`, index));
    }
    return people;
  }

  async put(sender: GoldenSender, resource: { resourceType: string; id: string }): Promise<void> {
    const answer = await sender.request('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    assert.ok(answer.status < 300, `${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer().catch(() => undefined);
    if (resource.resourceType === 'Patient') this.sent.patients += 1;
    if (resource.resourceType === 'Observation') this.sent.observations += 1;
  }

  /** @param milliseconds between two messages of one sender */
  async whileSending(milliseconds: number, work: () => Promise<void>): Promise<void> {
    let over = false;
    const senders = [this.gp, this.gp, this.#hospital].map(async (sender, line) => {
      const letter = sender === this.gp ? 'g' : 'h';
      for (let round = 0; !over; round += 1) {
        const one = round % numbers.length;
        await this.put(sender, observation(`o-${line}-${round}`, `${letter}${one}`, round));
        await pause(milliseconds);
        // The same person again: a record of identity that is taken in meanwhile.
        if (round % 5 === 0) await this.put(sender, aPatient(`${letter}x${line}-${round}`, numbers[one]!));
      }
    });
    try {
      await work();
    } finally {
      over = true;
      await Promise.all(senders);
    }
  }

  /** Everything acknowledged is there once, leads to its patient, and every patient to one person, who is who they were. */
  async assertWhole(keys: readonly KeyObject[]): Promise<void> {
    const { observations, patients } = this.sent;
    const count = async (sql: string) =>
      Number((await this.#rows(`SELECT count(*)::INTEGER AS n FROM (${sql})`))[0]?.n);
    assert.equal(await count('SELECT DISTINCT id FROM curated.observation'), observations);
    assert.equal(await count('SELECT DISTINCT id FROM curated.patient'), patients);
    const orphans = 'SELECT id FROM curated.observation WHERE patient_ref NOT IN (SELECT id FROM curated.patient)';
    assert.equal(await count(orphans), 0, 'every observation leads to its patient');
    for (const table of ['observation', 'patient'])
      assert.equal(
        await count(`SELECT id FROM curated.${table} WHERE resource NOT LIKE '%' || id || '%'`),
        0,
        `${table}: ids and texts are of one key`,
      );
    const links = await this.#rows('SELECT patient_ref, person_id FROM curated.person_link');
    assert.equal(links.length, patients, 'every patient is linked once');
    assert.equal(new Set(links.map(({ person_id: person }) => person)).size, numbers.length, 'no person is two');
    const personOf = new Map(links.map((row) => [row.patient_ref, row.person_id]));
    const now = chain(keys, keys.length);
    for (const [index] of numbers.entries())
      assert.equal(
        personOf.get(now.rekey(ods.gp, 'Patient', `g${index}`)),
        personOf.get(now.rekey(ods.hospital, 'Patient', `h${index}`)),
      );
  }
}

/** What all keys but the newest made of the people and their first observations. */
export const olderNames = (keys: readonly KeyObject[]): readonly string[] =>
  keys.slice(1).flatMap((_, index) => {
    const then = chain(keys, index + 1);
    return numbers.flatMap((__, one) => [
      then.rekey(ods.gp, 'Patient', `g${one}`),
      then.rekey(ods.hospital, 'Patient', `h${one}`),
      then.rekey(ods.gp, 'Observation', `o${one}`),
    ]);
  });
