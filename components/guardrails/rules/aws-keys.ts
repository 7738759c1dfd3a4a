import { covers, type PolicyCondition } from '../reachability/policy-document';
import { awsType } from './aws-types';
import { at, isSet, textAt } from './guarded-resource';
import { isPublic, statementsIn } from './policy-judgements';
import { type Rule, unless } from './rule';

const key = awsType('kms', 'Key');
/** Calls that give plain text, or a way to it. */
const opening = ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant'];
/** Whether a pattern of resources is of every key of an account, or of more: `*`, `…:key/*`, `arn:aws:kms:eu-west-2:…:*`. */
const isOfEveryKey = (resource: string): boolean => /^\*$|^arn:[^:]*:[^:]*:[^:]*:[^:]*:(key\/)?\*/.test(resource);
/** Held to a service, to what is encrypted, or to a name of the key. */
const isHeld = ({ operator, key, values }: PolicyCondition): boolean =>
  /kms:(ViaService|EncryptionContext|ResourceAliases)/.test(key) &&
  /^(ForAnyValue:)?String(Equals|Like|EqualsIgnoreCase)$/.test(operator) &&
  !values.includes('*');

export const awsKeyRules: readonly Rule[] = [
  {
    id: 'kms-key-rotated',
    title: 'A key for data is rotated every year',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP KMS.4'],
    types: [key],
    property: 'enableKeyRotation',
    // KMS rotates symmetric keys alone; the others are followed by a new version of the lake's own making.
    concerns: ({ props }) =>
      ['', 'SYMMETRIC_DEFAULT'].includes(textAt(props, 'customerMasterKeySpec')) &&
      ['', 'ENCRYPT_DECRYPT'].includes(textAt(props, 'keyUsage')),
    wrong: ({ props }) =>
      unless(at(props, 'enableKeyRotation') === true, 'The key is never rotated. Set enableKeyRotation.'),
  },
  {
    id: 'kms-key-deletion-window',
    title: 'A key can be called back for 30 days after its deletion was asked for',
    references: ['NCSC 2', 'CAF B5.c', 'SATRE 2.4.05', 'FSBP KMS.3'],
    types: [key],
    property: 'deletionWindowInDays',
    // The service's own default is 30.
    wrong: ({ props }) =>
      unless(
        [undefined, 30].includes(at(props, 'deletionWindowInDays') as number | undefined),
        'The key is lost for good in less than 30 days. Set deletionWindowInDays to 30.',
      ),
  },
  {
    id: 'kms-key-own-account',
    title: 'A key has a policy of its own, which lets in nobody from outside the account',
    references: ['NCSC 2', 'NCSC 9', 'CAF B2.d', 'CAF B3.c', 'SATRE 1.5.03', 'FSBP KMS.5'],
    types: [key],
    property: 'policy',
    wrong: ({ props }) => {
      const statements = statementsIn(props.policy);
      return unless(
        statements.length > 0 && !statements.some(isPublic),
        'The key has no policy of its own, or one that lets anybody in. Name the roles, or this account.',
      );
    },
  },
  {
    id: 'iam-policy-decrypt-named',
    title: 'No role may decrypt with every key',
    references: ['NCSC 2', 'NCSC 9', 'CAF B2.c', 'CAF B3.c', 'SATRE 1.5.03', 'FSBP KMS.1'],
    types: [awsType('iam', 'Policy')],
    property: 'policy: kms actions and their Resource',
    wrong: ({ props }) =>
      unless(
        !statementsIn(props.policy).some(
          ({ allow, actions, resources, notResources, conditions }) =>
            allow &&
            actions.some((action) => opening.some((call) => covers(action, call))) &&
            (notResources.length > 0 || resources.some(isOfEveryKey)) &&
            !conditions.some(isHeld),
        ),
        'A role may decrypt with every key of the account. Name the keys, or hold the call to a service or a context.',
      ),
  },
  {
    id: 'secret-encrypted',
    title: 'A secret is encrypted with a key of the customer',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01'],
    types: [awsType('secretsmanager', 'Secret')],
    property: 'kmsKeyId',
    wrong: ({ props }) =>
      unless(isSet(at(props, 'kmsKeyId')), 'The secret is encrypted with a key that AWS manages. Set kmsKeyId.'),
  },
];
