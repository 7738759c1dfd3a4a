import assert from 'node:assert/strict';
import { Retention } from '../../../functions/hosts/compose/retention-function';
import { noRecords } from '../../../functions/retention/record-counts';
import { codeOfPractice } from '../../../functions/retention/retention-schedule';

describe('objects of an import', () => {
  const id = '0b9a6f0e-5a1f-4a53-9d0b-6f1f2c3d4e5f';
  const uploads = [
    `A81001/${id}/upload.ndjson`,
    `outcomes/A81001/${id}/000001.ndjson`,
    `signed/A81001/${id}/upload.ndjson`,
  ];

  const overdue = async (state: string | undefined): Promise<number> => {
    const asked: string[] = [];
    const retention = new Retention({
      lake: {
        retention: { records: async () => undefined, holds: async () => [] },
        imports: {
          get: async (one: string) => {
            asked.push(one);
            return state === undefined ? undefined : ({ id: one, state } as never);
          },
        },
      },
      identity: {
        due: async () => [],
        counted: async () => noRecords,
        overdue: async () => ({ messages: [], uploads }),
        remove: async () => undefined,
      },
      expire: async () => assert.fail('no record is due'),
    });
    const { imports } = await retention.report(codeOfPractice, undefined);
    assert.deepEqual(asked, [id, id, id], 'whichever part of the inbox they lie in');
    return imports;
  };

  it('stay while it goes on, in every part of the inbox', async () => {
    assert.equal(await overdue('running'), 0);
    assert.equal(await overdue('waiting'), 0);
  });

  it('are past their time once it has ended, or nobody knows it', async () => {
    for (const state of ['completed', 'cancelled', 'failed', undefined])
      assert.equal(await overdue(state), uploads.length);
  });
});
