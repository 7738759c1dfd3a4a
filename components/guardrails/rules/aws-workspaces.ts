import { awsType } from './aws-types';
import { at, isSet, textAt } from './guarded-resource';
import { type Rule, unless } from './rule';

const instance = awsType('ec2', 'Instance');

export const awsWorkspaceRules: readonly Rule[] = [
  {
    id: 'workspace-closed',
    title: 'A host stands in a subnet without an address outside, with a role of its own and sessions for its metadata',
    references: ['NCSC 2', 'NCSC 11', 'CAF B4.a', 'CAF B2.a', 'SATRE 2.2.09', 'FSBP EC2.8', 'FSBP EC2.9'],
    types: [instance],
    property: 'associatePublicIpAddress, subnetId, iamInstanceProfile, metadataOptions.httpTokens',
    wrong: ({ props }) =>
      unless(
        at(props, 'associatePublicIpAddress') === false &&
          isSet(at(props, 'subnetId')) &&
          isSet(at(props, 'iamInstanceProfile')) &&
          textAt(props, 'metadataOptions.httpTokens') === 'required',
        'The host may get a public address, a role of nobody, or metadata without a session. Set associatePublicIpAddress to false, subnetId, iamInstanceProfile, and httpTokens to required.',
      ),
  },
  {
    id: 'workspace-encrypted',
    title: "A host's disk is encrypted by a key of the lake",
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 3.2.03', 'FSBP EC2.3'],
    types: [instance],
    property: 'rootBlockDevice.encrypted, rootBlockDevice.kmsKeyId',
    wrong: ({ props }) =>
      unless(
        at(props, 'rootBlockDevice.encrypted') === true && isSet(at(props, 'rootBlockDevice.kmsKeyId')),
        'The disk of the host is not encrypted by a key of the lake. Set encrypted and kmsKeyId of rootBlockDevice.',
      ),
  },
];
