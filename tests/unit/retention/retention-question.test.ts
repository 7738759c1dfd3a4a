import assert from 'node:assert/strict';
import { identityRetention } from '../../../functions/hosts/compose/retention-function';
import { retentionStepOf } from '../../../functions/retention/retention-question';
import { codeOfPractice } from '../../../functions/retention/retention-schedule';

const question = { schedule: codeOfPractice, now: '2037-05-01T00:00:00.000Z', holds: [] };

describe('A question about retention', () => {
  it('is taken whole or not at all: what is half understood would destroy', () => {
    for (const step of [
      { kind: 'due', question, records: [] },
      { kind: 'counted', question, records: [] },
      { kind: 'overdue', question },
      { kind: 'remove', overdue: { messages: [], uploads: [] } },
    ])
      assert.equal(retentionStepOf(step), step);
    for (const step of [
      undefined,
      { kind: 'due', question },
      { kind: 'due', question: { ...question, now: 'MARKER' }, records: [] },
      { kind: 'overdue', question: { ...question, holds: undefined } },
      { kind: 'overdue', question: { ...question, schedule: { classes: { adult: { contact: 'MARKER' } } } } },
      { kind: 'overdue', question: { ...question, schedule: { everything: 0 } } },
      { kind: 'remove', overdue: { messages: [] } },
      { kind: 'erase', question },
    ])
      assert.throws(
        () => retentionStepOf(step),
        (error: Error & { code?: string }) => error.code === 'InvalidArgument' && !error.message.includes('MARKER'),
      );
  });

  it('is answered with places in the list, of records whose day has come and that no hold is on', async () => {
    const births = new Map([
      ['grown', '2012-05-01'],
      ['held', '2012-05-01'],
      ['child', '2012-05-02'],
    ]);
    const register = {
      lifespansOf: async () => new Map([...births].map(([id, birthDate]) => [id, { birthDate, deceased: undefined }])),
      numbersOf: async () => [],
      patientsOf: async () => [],
    };
    const ports = { register, held: {}, identityKey: {}, inbox: {} } as unknown as Parameters<
      typeof identityRetention
    >[0];
    const records = ['child', 'held', 'grown', 'unknown'].map((patient) => ({
      patient,
      provider: 'A81001',
      classes: ['child' as const],
      contact: '2026-01-01T00:00:00.000Z',
      versions: 1,
    }));
    const holds = [{ kind: 'patient', subject: 'held' }] as const;
    const { due, counted } = identityRetention(ports);
    assert.deepEqual(await due(records, { ...question, holds }), [2]);
    assert.deepEqual(await due(records, question), [1, 2]);
    assert.deepEqual(await due(records, { ...question, now: '2037-04-30T00:00:00.000Z' }), []);
    assert.deepEqual(await due(records, { ...question, holds: [{ kind: 'provider', subject: 'A81001' }] }), []);
    assert.deepEqual(await counted(records, { ...question, holds }), {
      records: { kept: 2, undecided: 0, due: 1, held: 1 },
      next: '2037-05-02T00:00:00.000Z',
    });
  });
});
