import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../support/machine-tools';
import { account } from './access-request';
import type { PolicyText } from './account-policies';

const values: Readonly<Record<string, string>> = {
  ACCOUNT: account,
  'OWNER/REPOSITORY': 'example-trust/nhs-data-lake',
  ORGANISATION: '11111111-1111-4111-8111-111111111111',
  PROJECT: '22222222-2222-4222-8222-222222222222',
  TOOLS: '444455556666',
};
/** A trust policy of docs/account with a site's values in it, as the guide puts them. */
const trustOf = (name: string, [from, to]: readonly [string, string] = ['', '']): PolicyText =>
  JSON.parse(
    Object.entries(values).reduce(
      (text, [place, value]) => text.replaceAll(place, value),
      readFileSync(join(repository, 'docs', 'account', `${name}.json`), 'utf8').replace(from, to),
    ),
  ) as PolicyText;

/** `*` and `?` as IAM reads them: any characters, one character (IAM User Guide, "String condition operators"). */
const like = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^$()[\]{}|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/**
 * Whether somebody with these claims of a web identity takes the role. The access simulator knows no web identities; only what stands in
 * these policies is read, anything else is an error.
 */
function admits({ Statement }: PolicyText, issuer: string, claims: Readonly<Record<string, string>>): boolean {
  return Statement.some(({ Effect, Principal, Action, Condition = {} }) => {
    assert.deepEqual([Effect, Action], ['Allow', 'sts:AssumeRoleWithWebIdentity']);
    if ((Principal as { readonly Federated?: string }).Federated !== `arn:aws:iam::${account}:oidc-provider/${issuer}`)
      return false;
    return Object.entries(Condition).every(([operator, tests]) => {
      assert.ok(operator === 'StringEquals' || operator === 'StringLike', operator);
      return Object.entries(tests).every(([key, wanted]) => {
        const given = claims[key.slice(issuer.length + 1)] ?? '';
        return [wanted].flat().some((one) => (operator === 'StringLike' ? like(one).test(given) : one === given));
      });
    });
  });
}

describe('Trust of the roles of pipelines', () => {
  it('lets the environment of one repository on GitHub in', () => {
    const trust = trustOf('pipeline-trust');
    const taken = (sub: string, aud = 'sts.amazonaws.com'): boolean =>
      admits(trust, 'token.actions.githubusercontent.com', { sub, aud });
    assert.ok(taken('repo:example-trust/nhs-data-lake:environment:prod'));
    for (const sub of [
      'repo:example-trust/nhs-data-lake:pull_request',
      'repo:example-trust/nhs-data-lake:ref:refs/heads/main',
      'repo:example-trust/nhs-data-lake:environment:prod-preview',
      'repo:example-trust/nhs-data-lake:environment:staging',
      'repo:somebody/nhs-data-lake:environment:prod',
      'repo:example-trust/nhs-data-lake-fork:environment:prod',
    ])
      assert.ok(!taken(sub), sub);
    assert.ok(!taken('repo:example-trust/nhs-data-lake:environment:prod', 'https://github.com/somebody'));
  });

  it('lets the main branch of one project on CircleCI in, and no branch that is called like it', () => {
    const { ORGANISATION: organisation = '', PROJECT: project = '' } = values;
    const issuer = `oidc.circleci.com/org/${organisation}`;
    const trust = trustOf('pipeline-trust-circleci');
    const user = '33333333-3333-4333-8333-333333333333';
    const from = `vcs-origin/github.com/example-trust/nhs-data-lake/vcs-ref/refs/heads`;
    const of = `org/${organisation}/project/${project}/user/${user}`;
    const taken = (sub: string, aud = organisation): boolean => admits(trust, issuer, { sub, aud });
    assert.ok(taken(`${of}/${from}/main`));
    for (const sub of [
      of,
      `${of}/${from}/fix`,
      `${of}/${from}/main/${from}/main`,
      // A branch may be called anything.
      `${of}/${from}/fix/${from}/main`,
      `${of}/vcs-origin/github.com/somebody/nhs-data-lake/vcs-ref/refs/heads/main`,
      `org/${organisation}/project/${user}/user/${user}/${from}/main`,
    ])
      assert.ok(!taken(sub), sub);
    assert.ok(!taken(`${of}/${from}/main`, 'somebody'));
    const previews = trustOf('pipeline-trust-circleci', ['refs/heads/main', 'refs/heads/*']);
    const sees = (sub: string): boolean => admits(previews, issuer, { sub, aud: organisation });
    assert.ok(sees(`${of}/${from}/fix`) && !sees(of));
    assert.ok(!sees(`${of}/vcs-origin/github.com/somebody/nhs-data-lake/vcs-ref/refs/heads/fix`), 'a fork');
    assert.ok(!admits(trust, 'oidc.circleci.com/org/somebody', { sub: `${of}/${from}/main`, aud: organisation }));
  });

  it('lets the agents of Jenkins that deploy in, by their own role', () => {
    const { Statement } = trustOf('pipeline-trust-jenkins');
    assert.deepEqual(
      Statement.map(({ Principal, Action }) => [Principal, Action]),
      [[{ AWS: 'arn:aws:iam::444455556666:role/lake-agent-deploy' }, 'sts:AssumeRole']],
    );
    const pipeline = readFileSync(join(repository, 'docs', 'pipelines', 'Jenkinsfile'), 'utf8');
    const stages = [...pipeline.matchAll(/stage\('(\w+)'\) \{\s+agent \{ label '([\w-]+)' \}/g)].map(
      ([, stage, agent]) => [stage, agent],
    );
    assert.deepEqual(stages, [
      ['check', 'lake-preview'],
      ['preview', 'lake-preview'],
      ...['dev', 'staging', 'prod'].map((stage) => [stage, 'lake-deploy']),
    ]);
  });

  it('lets one person break the glass, signed in with a second factor', () => {
    const [statement, ...others] = trustOf('break-glass-trust').Statement;
    assert.deepEqual(others, []);
    assert.deepEqual(statement?.Condition, {
      ArnEquals: { 'aws:PrincipalArn': 'PERSON' },
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    });
  });
});
