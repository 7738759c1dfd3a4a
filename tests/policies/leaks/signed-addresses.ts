import { idOf, policy, type Statement } from '../hand-written-stack/written-resource';
import { change, type Leak } from './leak';

const statementsOf = (text: unknown): readonly Statement[] =>
  (JSON.parse(String(text)) as { readonly Statement: readonly Statement[] }).Statement;

/** The policy of a bucket with every statement as it is changed, and those that are left away without. */
const repoliced = (bucket: string, anew: (now: Statement) => Statement | undefined) =>
  change('aws:s3/bucketPolicy:BucketPolicy', bucket, (now) => ({
    ...now,
    policy: policy(...statementsOf(now.policy).flatMap((statement) => anew(statement) ?? [])),
  }));

/** Leaks by addresses that a function signed, and that are good wherever they get to. */
export const signedAddressLeaks: readonly Leak[] = [
  {
    name: 'an upload signed for the inbox that landing takes as well',
    reaches: 'whoever holds a signed upload',
    through: ['landing'],
    plant: repoliced('landing', (one) =>
      one.Sid === 'OurNetworksAlone'
        ? { ...one, Action: ['s3:GetObject*', 's3:DeleteObject*', 's3:ListBucket*'] }
        : one,
    ),
  },
  {
    name: 'an upload into the inbox that nobody signed, with credentials carried out',
    reaches: 'internet',
    through: ['inbox'],
    plant: repoliced('inbox', (one) => (one.Sid === 'OutsideOnlySigned' ? undefined : one)),
  },
  {
    name: "an upload's address that is good for a week",
    reaches: 'internet',
    through: ['inbox'],
    plant: repoliced('inbox', (one) => (one.Sid === 'OnlyYoungSignatures' ? undefined : one)),
  },
  {
    name: 'an upload that is read again by an address signed in the network',
    reaches: 'internet',
    through: ['inbox'],
    plant: repoliced('inbox', (one) => (one.Sid === 'OurNetworksAlone' ? undefined : one)),
  },
  {
    name: 'signed addresses held to our networks in one folder of the bucket alone',
    reaches: 'internet',
    through: ['curated'],
    plant: repoliced('curated', (one) =>
      one.Sid === 'OurNetworksAlone' ? { ...one, Resource: 'arn:aws:s3:::curated/patients/*' } : one,
    ),
  },
  {
    name: 'the role that curates let past the networks, and what it signs with it',
    reaches: 'internet',
    through: ['curated'],
    plant: repoliced('curated', (one) =>
      one.Sid === 'OurNetworksAlone'
        ? {
            ...one,
            Condition: {
              StringNotEqualsIfExists: { 'aws:SourceVpce': [idOf('lake-s3'), idOf('tre-s3')] },
              ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/curate'] },
            },
          }
        : one,
    ),
  },
  {
    name: "a stranger's signed address, used from inside the network",
    reaches: 'any account',
    through: ['lake-functions', 'lake-s3'],
    plant: change('aws:ec2/vpcEndpoint:VpcEndpoint', 'lake-s3', (now) => ({
      ...now,
      policy: policy(...statementsOf(now.policy), {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: '*',
        Condition: { StringEquals: { 's3:authType': 'REST-QUERY-STRING' } },
      }),
    })),
  },
];
