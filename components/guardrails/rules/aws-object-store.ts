import type { PolicyStatement } from '../reachability/policy-document';
import { awsAccount, awsType } from './aws-types';
import type { GuardedGraph } from './guarded-graph';
import { at, type GuardedResource, isSet, listAt, textAt } from './guarded-resource';
import { accountsOf, deniesWhen, isForAll, isPublic, statementsIn, valuesOf } from './policy-judgements';
import { type Rule, unless } from './rule';

const bucket = awsType('s3', 'Bucket');
const blocks = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'];
const blocked = (props: unknown): boolean => blocks.every((flag) => at(props, flag) === true);

/** A setting of a bucket is a resource of its own since version 7 of the provider. */
const side = (graph: GuardedGraph, of: GuardedResource, kind: string): readonly GuardedResource[] =>
  graph.beside(of, awsType('s3', kind), 'bucket');
const policies = (graph: GuardedGraph, of: GuardedResource): readonly PolicyStatement[] =>
  side(graph, of, 'BucketPolicy').flatMap(({ props }) => statementsIn(props.policy));

/** About every object of a bucket: a deny of one folder leaves the others open. */
const isOfEveryObject = ({ resources }: PolicyStatement): boolean =>
  resources.some((one) => /^(\*|arn:[\w-]+:s3:::[^/]+\/\*)$/.test(one));
const isOfEveryCall = ({ actions }: PolicyStatement): boolean => actions.some((one) => /^(s3:)?\*$/i.test(one));
const wholeDenials = (statements: readonly PolicyStatement[]): readonly PolicyStatement[] =>
  statements.filter((one) => !one.allow && isOfEveryObject(one) && isOfEveryCall(one));

const holdsPeople = ({ props }: GuardedResource): boolean =>
  ['identifiable', 'pseudonymised'].includes(textAt(props, 'tags.Classification'));
const lockOf = (graph: GuardedGraph, of: GuardedResource): readonly string[] =>
  side(graph, of, 'BucketObjectLockConfiguration').map(({ props }) => textAt(props, 'rule.defaultRetention.mode'));

/** Buckets, by AWS Foundational Security Best Practices and the design's own rules of deletion. */
export const awsObjectStoreRules: readonly Rule[] = [
  {
    id: 's3-bucket-closed',
    title: 'No bucket can become public',
    references: ['NCSC 11', 'CAF B3.c', 'CAF B4.a', 'SATRE 2.2.11', 'FSBP S3.8'],
    types: [bucket],
    property: 'BucketPublicAccessBlock: its four flags',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        side(graph, resource, 'BucketPublicAccessBlock').some(({ props }) => blocked(props)),
        'The bucket is not closed to the public in all four ways. Set every flag of its BucketPublicAccessBlock.',
      ),
  },
  {
    id: 's3-account-closed',
    title: 'No bucket of the account can become public',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.11', 'FSBP S3.1'],
    types: [awsAccount],
    property: 'AccountPublicAccessBlock: its four flags',
    stack: true,
    concerns: (_account, graph) => graph.of(bucket).length > 0,
    wrong: (_account, graph) =>
      unless(
        graph.of(awsType('s3', 'AccountPublicAccessBlock')).some(({ props }) => blocked(props)),
        'The account is not closed to the public in all four ways. Add an AccountPublicAccessBlock with every flag.',
      ),
  },
  {
    id: 's3-access-point-private',
    title: 'An access point leads from one network only, and never to the public',
    references: ['NCSC 11', 'NCSC 3', 'CAF B3.b', 'CAF B4.a', 'SATRE 2.2.10', 'FSBP S3.19'],
    types: [awsType('s3', 'AccessPoint')],
    property: 'vpcConfiguration.vpcId, publicAccessBlockConfiguration',
    wrong: ({ props }) =>
      unless(
        isSet(at(props, 'vpcConfiguration.vpcId')) && blocked(at(props, 'publicAccessBlockConfiguration')),
        'The access point is not tied to a network, or not closed to the public. Set vpcConfiguration and all four flags.',
      ),
  },
  {
    id: 's3-bucket-tls',
    title: 'A bucket answers over TLS only, and over no version before 1.2',
    references: ['NCSC 1', 'CAF B3.b', 'SATRE 2.8.02', 'FSBP S3.5'],
    types: [bucket],
    property: 'BucketPolicy: Deny unless aws:SecureTransport, Deny below s3:TlsVersion',
    stack: true,
    wrong: (resource, graph) => {
      const statements = wholeDenials(policies(graph, resource));
      return unless(
        deniesWhen(statements, 'Bool aws:SecureTransport', 'false') &&
          ['1.2', '1.3'].some((version) => deniesWhen(statements, 'NumericLessThan s3:TlsVersion', version)),
        "The bucket's policy does not deny plain and old connections to everybody. Add both denials.",
      );
    },
  },
  {
    id: 's3-bucket-own-account',
    title: 'A bucket lets no other account in',
    references: ['NCSC 3', 'NCSC 9', 'CAF B2.d', 'CAF B4.a', 'SATRE 3.1.12', 'FSBP S3.6'],
    types: [bucket],
    property: 'BucketPolicy: Principal, aws:PrincipalAccount',
    stack: true,
    wrong: (resource, graph) => {
      const statements = policies(graph, resource);
      const accounts = graph
        .of(awsAccount)
        .flatMap(({ props }) => String(props.allowedAccountIds ?? '').match(/\d{12}/g) ?? []);
      const named = accounts.length > 0;
      const own = wholeDenials(statements).flatMap((one) => valuesOf(one, 'StringNotEquals aws:PrincipalAccount'));
      return unless(
        own.length > 0 &&
          own.every((one) => !named || accounts.includes(one)) &&
          !statements.some(isPublic) &&
          statements.flatMap(accountsOf).every((one) => own.includes(one)),
        "The bucket's policy lets others in, or does not deny every other account. Deny unless aws:PrincipalAccount is the own.",
      );
    },
  },
  {
    id: 's3-bucket-owner-enforced',
    title: 'No access list gives rights to an object; policies alone do',
    references: ['NCSC 9', 'CAF B2.d', 'SATRE 1.5.03', 'FSBP S3.12'],
    types: [bucket],
    property: 'BucketOwnershipControls rule.objectOwnership',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        side(graph, resource, 'BucketOwnershipControls').some(
          ({ props }) => textAt(props, 'rule.objectOwnership') === 'BucketOwnerEnforced',
        ),
        'Access lists may give rights to objects of the bucket. Set objectOwnership to BucketOwnerEnforced.',
      ),
  },
  {
    id: 's3-bucket-lifecycle',
    title: 'A bucket removes the parts of uploads that never ended',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 3.1.09', 'FSBP S3.13'],
    types: [bucket],
    property: 'BucketLifecycleConfiguration rules.abortIncompleteMultipartUpload',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        side(graph, resource, 'BucketLifecycleConfiguration').some(({ props }) =>
          listAt(props, 'rules').some(
            (rule) =>
              textAt(rule, 'status') === 'Enabled' &&
              Number(at(rule, 'abortIncompleteMultipartUpload.daysAfterInitiation')) <= 14,
          ),
        ),
        'Nothing removes uploads that never ended. Add a lifecycle rule that aborts them within 14 days.',
      ),
  },
  {
    id: 's3-bucket-versioned',
    title: 'A bucket keeps earlier versions',
    references: ['NCSC 2', 'CAF B3.c', 'CAF B5.c', 'SATRE 2.4.05', 'FSBP S3.14'],
    types: [bucket],
    property: 'BucketVersioning versioningConfiguration.status',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        side(graph, resource, 'BucketVersioning').some(
          ({ props }) => textAt(props, 'versioningConfiguration.status') === 'Enabled',
        ),
        'The bucket keeps no earlier versions. Set its versioning to Enabled.',
      ),
  },
  {
    id: 's3-bucket-encrypted',
    title: 'A bucket is encrypted with a key of the customer, and takes no other',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP S3.17'],
    types: [bucket],
    property: 'BucketServerSideEncryptionConfiguration rules: sseAlgorithm, kmsMasterKeyId, bucketKeyEnabled',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        side(graph, resource, 'BucketServerSideEncryptionConfiguration').some(({ props }) =>
          listAt(props, 'rules').every(
            (rule) =>
              textAt(rule, 'applyServerSideEncryptionByDefault.sseAlgorithm').startsWith('aws:kms') &&
              isSet(at(rule, 'applyServerSideEncryptionByDefault.kmsMasterKeyId')),
          ),
        ),
        'The bucket is not encrypted with a key of its own. Set aws:kms and the key of its zone.',
      ),
  },
  {
    id: 's3-audit-locked',
    title: "Nobody can delete or change an audit record while it is kept, the account's root included",
    references: ['NCSC 13', 'CAF C1.b', 'SATRE 2.5.03', 'FSBP S3.15'],
    types: [bucket],
    property: 'BucketObjectLockConfiguration rule.defaultRetention of buckets with the tag Zone: audit',
    stack: true,
    concerns: ({ props }) => textAt(props, 'tags.Zone') === 'audit',
    wrong: (resource, graph) => {
      // Under COMPLIANCE no stack of a test could ever be removed.
      const production = textAt(resource.props, 'tags.Environment') !== 'development';
      return unless(
        lockOf(graph, resource).some((mode) => mode === 'COMPLIANCE' || (!production && mode === 'GOVERNANCE')),
        'Audit records can be deleted. Give the bucket a default retention under COMPLIANCE.',
      );
    },
  },
  {
    id: 's3-clinical-erasable',
    title: 'What is about people can be erased where the law demands it: no compliance lock outside audit',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 3.1.09', 'SATRE 3.1.10'],
    types: [bucket],
    property: 'BucketObjectLockConfiguration rule.defaultRetention.mode of buckets with data about people',
    stack: true,
    concerns: holdsPeople,
    wrong: (resource, graph) =>
      unless(
        !lockOf(graph, resource).includes('COMPLIANCE'),
        'A compliance lock forbids the erasure that the law demands. Take it off; versions and the denial of deletes remain.',
      ),
  },
  {
    id: 's3-delete-reserved',
    title: 'Versions of objects about people are deleted by named roles only, an administrator not among them',
    references: ['NCSC 2', 'NCSC 12', 'CAF B2.c', 'CAF B3.c', 'SATRE 3.1.09'],
    types: [bucket],
    property: 'BucketPolicy: Deny s3:DeleteObjectVersion',
    stack: true,
    concerns: holdsPeople,
    wrong: (resource, graph) =>
      unless(
        policies(graph, resource).some(
          (statement) =>
            !statement.allow &&
            isForAll(statement) &&
            isOfEveryObject(statement) &&
            statement.actions.includes('s3:DeleteObjectVersion') &&
            statement.conditions.every(
              ({ operator, key, values }) =>
                /^ArnNot(Equals|Like)$/.test(operator) &&
                key === 'aws:PrincipalArn' &&
                values.every((arn) => /:role\/[^*?]+/.test(arn)),
            ),
        ),
        "The bucket's policy does not deny s3:DeleteObjectVersion to everybody but named roles. Add that denial.",
      ),
  },
];
