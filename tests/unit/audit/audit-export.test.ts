import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from 'fhir/r4';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { type AuditEventName, auditEventCodes } from '../../../functions/audit/audit-event-codes';
import { exportAudit, exportedLog } from '../../../functions/audit/audit-export';
import type { StoredAuditRecord } from '../../../functions/audit/audit-record';
import { verifyAudit } from '../../../functions/audit/audit-verify';
import { toFhirAuditEvent } from '../../../functions/audit/fhir-audit-event';
import { Validator } from '../../../functions/fhir/validator';
import { AuditLake, anAuditRecord, HeldClock } from './audit-lake';

const source = { id: 'https://lake.example.nhs.uk/FHIR/R4', address: 'lake.example.nhs.uk' };

describe('exportAudit', () => {
  it('writes a folder that verifies offline and whose checksums hold, and does not follow the log that goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-audit-export-'));
    const lake = await AuditLake.open();
    try {
      const ids = await lake.record(9);
      await lake.sealer().seal();
      const publicKeys = lake.key.pems.map((pem, index) => ({ version: index + 1, pem }));
      const result = await exportAudit({ audit: lake.audit, target: new FileObjectStore(folder), source, publicKeys });
      assert.equal(result.records, 9);
      for (const line of readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trimEnd().split('\n')) {
        const [sum, key] = line.split('  ') as [string, string];
        assert.equal(
          createHash('sha256')
            .update(readFileSync(join(folder, key)))
            .digest('hex'),
          sum,
        );
      }
      const lines = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
      assert.deepEqual(
        lines('records.ndjson').map((line) => (JSON.parse(line) as StoredAuditRecord).id),
        ids,
      );
      assert.deepEqual(
        lines('AuditEvent.ndjson').map((line) => (JSON.parse(line) as AuditEvent).id),
        ids,
      );

      await lake.record(1);
      await lake.sealer().seal();
      const copy = {
        audit: new FileObjectStore(join(folder, exportedLog)),
        witness: lake.witness,
        publicKeys: [readFileSync(join(folder, 'public-keys/audit-1.pem'), 'utf8')],
      };
      assert.equal((await verifyAudit({ ...copy, toCheckpoint: result.toCheckpoint })).ok, true);
      assert.equal((await verifyAudit(copy)).ok, false, 'the witness knows of more');
      await assert.rejects(
        exportAudit({ audit: lake.audit, target: new FileObjectStore(folder), source, publicKeys }),
        { name: 'LakeError', code: 'AlreadyExists' },
      );
    } finally {
      await lake.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('toFhirAuditEvent', () => {
  const clock = new HeldClock();
  const eventOf = (change: Parameters<typeof anAuditRecord>[1]) =>
    toFhirAuditEvent({ ...anAuditRecord(clock, change), id: '018f0000-0000-7000-8000-000000000001' }, source);
  const rolesOf = ({ agent }: AuditEvent) => agent.map(({ type }) => type?.coding?.[0]?.code);

  it('gives a create the codes, agents and entities of BALP PatientCreate', () => {
    const event = eventOf({
      entities: [
        { type: 'Observation', id: 'rk-1', version: 1 },
        { type: 'Patient', id: 'rk-2', role: 'patient' },
      ],
    });
    assert.deepEqual(event.meta?.profile, [
      'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientCreate',
    ]);
    assert.deepEqual(
      [event.type.code, event.subtype?.[0]?.code, event.action, event.outcome],
      ['rest', 'create', 'C', '0'],
    );
    assert.deepEqual(rolesOf(event), ['110153', '110152']);
    assert.deepEqual(event.agent[0]?.network, { address: '192.0.2.7', type: '2' });
    assert.deepEqual(
      event.entity?.map(({ type, role, what }) => [type?.code, role?.code, what?.reference ?? what?.identifier?.value]),
      [
        ['2', '4', 'Observation/rk-1/_history/1'],
        ['1', '1', 'Patient/rk-2'],
        ['XrequestId', undefined, '5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5'],
        ['4', '20', undefined],
      ],
    );
  });

  it('is a valid R4 resource for every kind of event and every outcome', () => {
    const validator = new Validator();
    for (const event of Object.keys(auditEventCodes) as AuditEventName[]) {
      for (const result of ['allowed', 'denied', 'failed'] as const) {
        for (const entities of [
          undefined,
          [{ type: 'Patient', id: 'rk-2', role: 'patient' as const }],
          [{ type: 'mart' }],
        ]) {
          const resource = eventOf({ event, entities, outcome: { result, code: 'code' } });
          const errors = validator.validate(resource).filter(({ severity }) => severity === 'error');
          assert.deepEqual(errors, [], `${event} ${result}`);
        }
      }
    }
  });

  it('turns the roles round for a read', () => {
    const event = eventOf({ event: 'read', action: 'HEAD /FHIR/R4/{type}/{id}' });
    assert.deepEqual([event.action, rolesOf(event)], ['R', ['110152', '110153']]);
    assert.match(event.meta?.profile?.[0] ?? '', /IHE\.BasicAudit\.Read$/);
  });

  it('gives a refusal an OperationOutcome and no BALP success profile', () => {
    const event = eventOf({
      outcome: { result: 'denied', code: 'insufficient_scope', status: 403 },
      entities: undefined,
    });
    assert.equal(event.meta, undefined);
    assert.deepEqual([event.outcome, event.outcomeDesc], ['4', '403 insufficient_scope']);
    assert.equal(event.contained?.[0]?.resourceType, 'OperationOutcome');
    assert(event.entity?.some(({ what }) => what?.reference === '#outcome'));
  });

  it('gives jobs and things that are no resource DICOM codes and identifiers', () => {
    const event = eventOf({
      event: 'job',
      action: 'job:curate',
      agent: { kind: 'function', id: 'jobs' },
      runId: '5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c6',
      entities: [
        { type: 'segment', id: 'landing-0001' },
        { type: 'Observation', count: 12 },
      ],
    });
    assert.deepEqual([event.type.code, event.subtype, event.meta], ['110100', undefined, undefined]);
    assert.deepEqual(event.entity?.[0]?.what, { identifier: { value: 'landing-0001' } });
    assert.deepEqual(event.entity?.[1]?.detail, [{ type: 'count', valueString: '12' }]);
    // sev-1 of R4: an entity has a name or a query, not both; here never a query.
    assert(event.entity?.every((entity) => entity.query === undefined));
  });
});
