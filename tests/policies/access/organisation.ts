import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../support/machine-tools';
import { account } from './access-request';
import { everything, type PolicyText } from './account-policies';

/** A policy that a platform engineer is given to put into the account (docs/deploy-aws.md), for the account of the examples. */
export const accountPolicy = (name: 'boundary' | 'deploy' | 'organisation' | 'preview'): PolicyText =>
  JSON.parse(
    readFileSync(join(repository, 'docs', 'account', `${name}.json`), 'utf8').replaceAll('ACCOUNT', account),
  ) as PolicyText;

/** The permissions boundary of every role of the lake. */
export const boundary = accountPolicy('boundary');

/** The policy of the organisation, beside the one that allows everything (AWS Organizations, "FullAWSAccess"). */
export const organisation: PolicyText = {
  Version: '2012-10-17',
  Statement: [...everything.Statement, ...accountPolicy('organisation').Statement],
};
