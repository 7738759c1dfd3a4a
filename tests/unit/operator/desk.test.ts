import assert from 'node:assert/strict';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import { quarantineReplayManifest } from '../../../functions/identity/manifest';
import { stateGrantsOf } from '../../../functions/manifest-grants';
import { answersDesk } from '../../../functions/operator/desk-request';
import {
  identityOperatorManifest,
  martSqlManifest,
  operatorAccount,
  operatorManifest,
} from '../../../functions/operator/manifest';
import { inputOf } from '../../../functions/operator/operator-input';
import { operatorAnswers } from '../../../functions/operator/operator-request';

type Told = Omit<AuditRecord, 'recorded' | 'purpose'>;

describe('a desk of a deployed lake', () => {
  let told: Told[];
  const record = async (audit: Told): Promise<void> => void told.push(audit);
  const asWritten = (): readonly string[] =>
    told.map(({ agent, action, outcome }) => `${agent.id} ${action} ${outcome.result}`);
  const refused = (code: string, asking: Promise<unknown>) =>
    assert.rejects(asking, (error) => isLakeError(error) && error.code === code);
  beforeEach(() => {
    told = [];
  });

  const desk = operatorAnswers(
    identityOperatorManifest,
    {
      optOutLists: async () => ['a list'],
      createProject: async () => undefined,
      revealReidentification: async () => {
        throw new LakeError('PermissionDenied', 'Only who made the request sees its answer.');
      },
      // Not in its manifest.
      status: async () => 'everything',
    },
    (audit) => record(audit),
  );
  const ann = operatorAccount('ann');

  it('answers those whom the stack names, and records the look before', async () => {
    assert.deepEqual(await desk(ann, { method: 'optOutLists' }), ['a list']);
    assert.deepEqual(asWritten(), ['ann lake identity opt-out status allowed']);
  });

  it('leaves the record to what records itself, and records every refusal once', async () => {
    await desk(ann, { method: 'createProject' });
    assert.deepEqual(asWritten(), []);
    await refused('PermissionDenied', desk(ann, { method: 'revealReidentification' }));
    assert.deepEqual(asWritten(), ['ann lake reidentify reveal denied']);
  });

  it('refuses functions, nobody, and what its manifest does not name', async () => {
    await refused('PermissionDenied', desk('marts', { method: 'optOutLists' }));
    await refused('PermissionDenied', desk(undefined, { method: 'createProject' }));
    await refused('Unsupported', desk(ann, { method: 'status' }));
    await refused('Unsupported', desk(ann, { method: 'toString' }));
    await refused('Unsupported', desk(ann, undefined));
    assert.deepEqual(asWritten(), [
      'unknown lake identity opt-out status denied',
      'unknown lake identity project create denied',
      'ann lake operation denied',
      'ann lake operation denied',
      'ann lake operation denied',
    ]);
  });

  it('is asked back by nobody else of the functions behind it', async () => {
    const behind = answersDesk(martSqlManifest, record, async () => 'rows');
    assert.equal(await behind('operator', {}), 'rows');
    for (const other of ['identity-operator', operatorAccount('ann'), 'toString', undefined])
      await refused('PermissionDenied', behind(other, {}));
    assert.equal(told.length, 4);
  });

  it('names fields that are not of their form, and never what stood there', () => {
    const form = { patientRef: 'text', nhsNumber: 'text?' } as const;
    assert.deepEqual(inputOf({ patientRef: 'Patient/x' }, form), { patientRef: 'Patient/x' });
    for (const input of [undefined, {}, { patientRef: ['9990000018'] }, { patientRef: 'x', nhsNumber: 9990000018 }])
      assert.throws(
        () => inputOf(input, form),
        (error) =>
          isLakeError(error, 'InvalidArgument') &&
          error.message.includes('patientRef, nhsNumber') &&
          !error.message.includes('9990000018'),
      );
  });

  it('has a role in one database alone, as has each function behind it', () => {
    const databasesOf = (manifest: Parameters<typeof stateGrantsOf>[0]): readonly string[] =>
      (['lake', 'identity'] as const).filter((database) => stateGrantsOf(manifest, database).length > 0);
    assert.deepEqual(
      [operatorManifest, martSqlManifest, identityOperatorManifest, quarantineReplayManifest].map(databasesOf),
      [['lake'], ['lake'], ['identity'], ['lake']],
    );
  });
});
