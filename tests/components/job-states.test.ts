import assert from 'node:assert/strict';
import { type JobPlace, jobStates, type SparkJob } from '../../components/curation/job-states';

const place: JobPlace = {
  applicationId: 'application',
  jobRoleArn: 'arn:aws:iam::111122223333:role/lake-prod-spark',
  artefactsBucket: 'artefacts',
  logKeyArn: 'arn:aws:kms:eu-west-2:111122223333:key/logs',
  failureTopicArn: 'arn:aws:sns:eu-west-2:111122223333:failures',
};
const job = (name: string, ...dependsOn: string[]): SparkJob => ({ name, script: `spark/${name}.py`, dependsOn });

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Branches?: readonly { readonly StartAt: string; readonly States: Readonly<Record<string, State>> }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly { readonly MaxAttempts: number }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
}
interface Machine {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}
const machineOf = (...jobs: SparkJob[]) => jobStates(jobs, place) as unknown as Machine;

/** The jobs in the order the machine begins them, a list for what begins together: followed as Step Functions does. */
function levelsOf({ StartAt, States }: Machine): string[][] {
  const levels: string[][] = [];
  for (let at: string | undefined = StartAt; at !== undefined; at = States[at]?.Next)
    levels.push((States[at]?.Branches ?? []).map((branch) => branch.StartAt));
  return levels;
}

describe('The state machine of jobs', () => {
  it('begins a job when all it depends on have ended', () => {
    const machine = machineOf(job('report', 'marts', 'links'), job('marts', 'curate'), job('links'), job('curate'));
    assert.deepEqual(levelsOf(machine), [['links', 'curate'], ['marts'], ['report']]);
    assert.equal(machine.States['Level 3']?.End, true);
  });

  it('repeats a job, then tells and fails, whichever job it was', () => {
    const { States: states } = machineOf(job('a'), job('b', 'a'));
    for (const level of ['Level 1', 'Level 2']) {
      assert.deepEqual(
        states[level]?.Catch?.map(({ ErrorEquals, Next }) => [ErrorEquals, Next]),
        [[['States.ALL'], 'Tell']],
      );
      for (const { States, StartAt } of states[level]?.Branches ?? [])
        assert.equal(States[StartAt]?.Retry?.[0]?.MaxAttempts, 2);
    }
    assert.equal(states.Tell?.Retry?.[0]?.MaxAttempts, 3);
    assert.equal(states.Tell?.Next, 'Failed');
    assert.equal(states.Failed?.Type, 'Fail');
  });

  it('tells no cause: what Spark says may be content', () => {
    const told = JSON.stringify(machineOf(job('a')).States.Tell?.Parameters);
    assert.ok(told.includes('$.failure.Error'));
    assert.ok(!/Cause|\$\$\.Execution\.Input/.test(told));
  });

  it('gives every job an end, its role and encrypted logs', () => {
    const machine = machineOf({ ...job('a'), longestMinutes: 20 });
    const { Parameters } = machine.States['Level 1']?.Branches?.[0]?.States.a ?? {};
    assert.equal(Parameters?.ExecutionTimeoutMinutes, 20);
    assert.equal(Parameters?.ExecutionRoleArn, place.jobRoleArn);
    assert.ok(JSON.stringify(Parameters).includes(`"EncryptionKeyArn":"${place.logKeyArn}"`));
    assert.equal(machine.TimeoutSeconds, 20 * 60 * 3);
  });

  it('refuses jobs that wait for each other, a dependency or a name that is not one', () => {
    assert.throws(() => machineOf(job('a', 'b'), job('b', 'a'), job('c')), /a, b: they wait for each other/);
    assert.throws(() => machineOf(job('a', 'a')), /wait for each other/);
    assert.throws(() => machineOf(job('a', 'z')), /a job that is not there/);
    assert.throws(() => machineOf(job('a'), job('a')), /same name/);
    assert.throws(() => machineOf(), /needs a job/);
    assert.throws(() => machineOf(job('../a')), /letters, digits and hyphens/);
    for (const own of ['Tell', 'Failed']) assert.throws(() => machineOf(job(own)), /states of the machine itself/);
    assert.throws(() => machineOf({ ...job('a'), longestMinutes: 0 }), /from 1/);
  });
});
