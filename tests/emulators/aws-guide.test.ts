import assert from 'node:assert/strict';
import { guideSections } from '../support/guide-commands';
import { GuideAccount } from './guide-account';

/** What of the guide nothing here can run, and why; every other command is run as it stands. */
const notRun: readonly (readonly [beginning: string, why: string])[] = [
  ['npm ', 'the pipeline of this repository runs it on each change'],
  ['git ', 'goes to another version of this repository'],
  ['npx lake send ', 'no gateway answers: an emulator has none'],
  ['export TOKEN=', 'no gateway answers: an emulator has none'],
  ['curl ', 'no gateway answers: an emulator has none'],
  ['npx lake status ', 'no function answers: an emulator has no desk'],
];
const whyNot = (command: string): string | undefined =>
  notRun.find(([beginning]) => command.startsWith(beginning))?.[1];

/** What the emulator has no answer for: the command line took the command and its options, and asked. */
const unanswered = ['aws backup list-recovery-points-by-backup-vault ', 'aws lambda get-account-settings '];

const workspaceTags = 'ResourceType=instance,Tags=[{Key=Lake,Value=lake},{Key=Stack,Value=dev-aws}]';

/**
 * What stands there already when somebody comes to a command: an organisation, and what the engine's provider only says that it made.
 */
const madeByOthers: readonly (readonly [beginning: string, commands: readonly string[]])[] = [
  ['export POLICY=', ['aws organizations create-organization --feature-set ALL']],
  [
    'export OLD=',
    [
      "aws rds create-db-subnet-group --db-subnet-group-name lake --db-subnet-group-description lake --subnet-ids $(aws ec2 describe-subnets --query 'Subnets[].SubnetId' --output text)",
      'aws rds create-db-cluster --db-cluster-identifier lake-prod-aws-state-lake-335c3c98 --engine aurora-postgresql --db-subnet-group-name lake --master-username lake --manage-master-user-password --vpc-security-group-ids $(aws ec2 describe-security-groups --query "SecurityGroups[0].GroupId" --output text)',
      ...['1', '2'].map(
        (number) =>
          `aws rds create-db-instance --db-instance-identifier lake-prod-aws-state-lake-335c3c98-${number} --db-cluster-identifier lake-prod-aws-state-lake-335c3c98 --db-instance-class db.serverless --engine aurora-postgresql`,
      ),
      'aws backup create-backup-vault --backup-vault-name lake-prod-aws-vault-c50b87f8',
    ],
  ],
  [
    'for DATABASE in ',
    [
      'aws rds create-db-cluster --db-cluster-identifier lake-dev-aws-state-lake-0 --engine aurora-postgresql --db-subnet-group-name lake --master-username lake --manage-master-user-password --deletion-protection',
      'aws cognito-idp create-user-pool --pool-name lake-dev-aws-staff --deletion-protection ACTIVE',
      `aws ec2 run-instances --image-id $(aws ec2 describe-images --query 'Images[0].ImageId' --output text) --disable-api-termination --tag-specifications '${workspaceTags}'`,
      'aws s3api create-bucket --bucket lake-dev-aws-landing-an --create-bucket-configuration LocationConstraint=eu-west-2',
    ],
  ],
  // The stack that was brought up goes as a stack of development goes.
  [
    'pulumi state unprotect ',
    [
      // Refused while it is protected.
      'aws rds delete-db-cluster --db-cluster-identifier lake-dev-aws-state-lake-0 --final-db-snapshot-identifier lake-dev-aws-state-lake-0-last',
      "aws ec2 terminate-instances --instance-ids $(aws ec2 describe-instances --filters Name=tag:Stack,Values=dev-aws --query 'Reservations[].Instances[].InstanceId' --output text)",
      'test "$(aws cognito-idp describe-user-pool --user-pool-id $(aws cognito-idp list-user-pools --max-results 60 --query "UserPools[?Name==\'lake-dev-aws-staff\'].Id" --output text) --query UserPool.DeletionProtection --output text)" = INACTIVE',
      'aws s3api get-bucket-lifecycle-configuration --bucket lake-dev-aws-landing-an',
      'pulumi stack rename dev-aws --stack prod-aws',
    ],
  ],
];

describe('The guide to an account of AWS, run as it stands', function () {
  this.timeout(1_200_000);
  let account: GuideAccount;

  this.bail(true);
  before(async function () {
    const opened = await GuideAccount.open();
    if (opened instanceof GuideAccount) account = opened;
    else {
      console.log(`      skipped: ${opened}`);
      this.skip();
    }
  });
  after(() => account?.close());

  for (const { title, commands } of guideSections.filter((section) => section.commands.length > 0))
    it(title, () => {
      for (const command of commands) {
        const why = whyNot(command);
        if (why !== undefined) {
          console.log(`      not run: ${command} (${why})`);
          continue;
        }
        for (const [beginning, others] of madeByOthers)
          if (command.startsWith(beginning)) for (const other of others) account.run(other);
        if (unanswered.some((beginning) => command.startsWith(beginning)))
          assert.throws(() => account.run(command), /An error occurred \(404\)/, command);
        else account.run(command);
      }
    });

  it('leaves out what stands in it, and nothing that does not', () => {
    const all = guideSections.flatMap(({ commands }) => commands);
    for (const [beginning] of notRun)
      assert.ok(
        all.some((command) => command.startsWith(beginning)),
        beginning,
      );
    assert.ok(all.filter((command) => whyNot(command) === undefined).length > 50);
    assert.ok(all.filter((command) => /(^|\(| )aws /.test(command)).every((command) => whyNot(command) === undefined));
  });
});
