import assert from 'node:assert/strict';
import { jobBeat } from '../../../functions/hosts/aws-lambda/job-beat';
import type { JobHandler } from '../../../functions/jobs/job-runner';
import { JobLake } from '../jobs/job-lake';

describe('A beat of a worker on Lambda', () => {
  let lake: JobLake;
  let runId: string;
  beforeEach(async () => {
    lake = await JobLake.open();
    runId = await lake.enqueue({ now: new Date(Date.now() - 1000) });
  });
  afterEach(() => lake.close());
  const beatOf = (work: JobHandler) => {
    const { queue } = lake;
    return jobBeat({ queue, handlers: { work } }, (error) => lake.errors.push(error));
  };

  it('does what waits, and begins nothing that it could not give back in time', async () => {
    const beat = beatOf(async () => ({}));
    await beat(() => 29_000);
    assert.equal(await lake.stateOf(runId), 'queued');
    await beat(() => 60_000);
    assert.equal(await lake.stateOf(runId), 'succeeded');
  });

  it('gives back unharmed what is not done when its time is nearly over', async () => {
    // To the end of the beat; to the beginning of a run; when that is over.
    const left = [15_050, 60_000, 0];
    const beat = beatOf(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await beat(() => left.shift() ?? 0);
    assert.equal(await lake.stateOf(runId), 'queued');
    await beatOf(async () => ({}))(() => 60_000);
    assert.equal(await lake.stateOf(runId), 'succeeded');
  });
});
