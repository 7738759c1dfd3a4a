import assert from 'node:assert/strict';
import { isLakeError } from '../../../adapters/ports/errors';
import { type AuditRecord, checkAuditRecord, maxEntities } from '../../../functions/audit/audit-record';
import { timeOrderedId } from '../../../functions/audit/time-ordered-id';
import { anAuditRecord, HeldClock } from './audit-lake';

const clock = new HeldClock();

describe('checkAuditRecord', () => {
  it('accepts routes, jobs, refusals and pseudonyms', () => {
    const good: Partial<AuditRecord>[] = [
      {},
      { action: 'POST /FHIR/R4/$process-message', event: 'operation' },
      { action: 'job:curate', event: 'job', runId: '5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5' },
      { agent: { kind: 'operator', id: 'operator@trust.nhs.uk', address: '2001:db8::1' } },
      { outcome: { result: 'denied', code: 'invalid_client', status: 401 }, entities: undefined, requestId: undefined },
      { entities: [{ type: 'Patient', id: 'AbCd_-0123456789abcdefABCDEF0123456789abcdefABCD', role: 'patient' }] },
      { entities: [{ type: 'Observation', count: 5000 }] },
    ];
    for (const change of good) checkAuditRecord(anAuditRecord(clock, change));
  });

  // 999 000 0026 is valid by its check digit and in the range never given to a person.
  const bad: [string, string, Partial<AuditRecord>][] = [
    ['an NHS number as id', 'entities.id', { entities: [{ type: 'Patient', id: '9990000026' }] }],
    ['an NHS number in a part of an id', 'entities.id', { entities: [{ type: 'Patient', id: 'nhs:9990000026' }] }],
    ['an NHS number with hyphens', 'entities.id', { entities: [{ type: 'Patient', id: '999-000-0026' }] }],
    ['an NHS number as agent', 'agent.id', { agent: { kind: 'provider', id: '9990000026' } }],
    ['a token', 'agent.id', { agent: { kind: 'provider', id: 'eyJhbGciOiJFUzM4NCJ9.e30.c2ln' } }],
    ['a URL with a query', 'action', { action: 'GET /FHIR/R4/Patient?identifier=1' }],
    ['a URL with a long number', 'action', { action: 'GET /FHIR/R4/Patient/9990000026' }],
    ['a name as correlation id', 'correlationId', { correlationId: 'Ann Example' }],
    ['a request id that is no UUID', 'requestId', { requestId: '1' }],
    ['a message as code', 'outcome.code', { outcome: { result: 'failed', code: 'Patient Ann was not found' } }],
    ['an address that is none', 'agent.address', { agent: { kind: 'provider', id: 'p', address: 'ann.example' } }],
    ['a time without milliseconds', 'recorded', { recorded: '2026-03-02T09:00:00Z' }],
    ['a time that is none', 'recorded', { recorded: '2026-13-02T09:00:00.000Z' }],
    ['too many entities', 'entities', { entities: Array.from({ length: maxEntities + 1 }, () => ({ type: 'Basic' })) }],
    ['a negative count', 'entities.count', { entities: [{ type: 'Basic', count: -1 }] }],
  ];
  for (const [what, field, change] of bad) {
    it(`refuses ${what}, names the field and repeats nothing`, () => {
      assert.throws(
        () => checkAuditRecord(anAuditRecord(clock, change)),
        (error) => {
          assert(isLakeError(error, 'InvalidArgument'));
          assert(error.message.includes(`field ${field} `), error.message);
          assert(!/\d{4}|eyJ|Ann/.test(error.message), 'a submitted value is in the message');
          return true;
        },
      );
    });
  }
});

describe('timeOrderedId', () => {
  it('makes UUIDs of version 7 that sort in the order of their making, also when the clock steps back', () => {
    const times = [...Array<number>(5000).fill(1_800_000_000_000), 1_799_999_999_000, 1_800_000_000_500];
    const ids = times.map(timeOrderedId);
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
