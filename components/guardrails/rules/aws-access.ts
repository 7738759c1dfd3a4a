import { awsAccount, awsType } from './aws-types';
import { at, isSet, listAt, textAt, textsAt } from './guarded-resource';
import { areOwn } from './own-accounts';
import { accountsIn, accountsOf, isForService, isPublic, narrowsBy, statementsIn } from './policy-judgements';
import { type Rule, unless } from './rule';

const role = awsType('iam', 'Role');
const people = ['User', 'AccessKey', 'UserLoginProfile', 'Group'].map((kind) => awsType('iam', kind));
const inline = ['RolePolicy', 'UserPolicy', 'GroupPolicy'].map((kind) => awsType('iam', kind));
/** For whom a service takes a role. */
const sources = ['aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'sts:externalid'];
/** `*`, `s3:*`, and whatever says the same: `*:*`, `s3:**`, `s?:Get*`. */
const isEveryCall = (action: string): boolean => /^[*?]+$|^[^:]*[*?][^:]*:|^[^:]+:[*?]+$/.test(action);
/** Policies that AWS writes for people who look at or do everything (AWS Managed Policy Reference, "job functions"). */
const wideOfAws = /:aws:policy\/.*(Administrator|PowerUser|SystemAdministrator|Full|ReadOnly|ViewOnly)(Access)?\w*$/;
const userPool = awsType('cognito', 'UserPool');

/** They tell no source, and nobody can hand them a role of another account (components/core/aws-role.ts). */
const silent = ['apigateway', 'cloudtrail', 'ec2'].map((service) => `Service ${service}.amazonaws.com`);

export const awsAccessRules: readonly Rule[] = [
  {
    id: 'iam-policy-no-wildcard',
    title: 'No policy gives every call of a service',
    references: ['NCSC 9', 'CAF B2.c', 'CAF B2.d', 'SATRE 1.5.03', 'FSBP IAM.1', 'FSBP IAM.21'],
    types: ['Policy', 'RolePolicyAttachment', 'PolicyAttachment', 'Role'].map((kind) => awsType('iam', kind)),
    property: 'policy: Action, NotAction; policyArn and managedPolicyArns of AWS',
    wrong: ({ props }) =>
      unless(
        !statementsIn(props.policy).some(
          ({ allow, actions, notActions }) => allow && (notActions.length > 0 || actions.some(isEveryCall)),
        ) &&
          ![...textsAt(props, 'policyArn'), ...textsAt(props, 'managedPolicyArns')].some((arn) => wideOfAws.test(arn)),
        'The policy gives every call of a service. Name the calls one by one.',
      ),
  },
  {
    id: 'iam-no-users',
    title:
      'People and programs come with roles and sign-in from elsewhere; the account has no users or long-lived keys',
    references: ['NCSC 10', 'CAF B2.a', 'CAF B2.d', 'SATRE 3.2.01', 'SATRE 1.5.06'],
    types: [awsAccount],
    property: 'iam User, AccessKey, UserLoginProfile, Group: none',
    stack: true,
    wrong: (_account, graph) =>
      unless(
        graph.of(...people).length === 0,
        'The stack makes a user or a long-lived key. Use a role and federated sign-in.',
      ),
  },
  {
    id: 'iam-no-inline-policy',
    title: 'What a role may do stands in a policy of its own, where it can be read',
    references: ['NCSC 9', 'CAF B2.d', 'SATRE 2.4.01'],
    types: [role],
    property: 'inlinePolicies; RolePolicy, UserPolicy, GroupPolicy: none',
    stack: true,
    wrong: ({ props }, graph) =>
      unless(
        listAt(props, 'inlinePolicies').length === 0 && graph.of(...inline).length === 0,
        'A role has a policy inside it. Write it as a Policy and attach that.',
      ),
  },
  {
    id: 'iam-role-trust-named',
    title: 'A role is taken by a named service on behalf of this account, or by a named sign-in',
    references: ['NCSC 9', 'NCSC 10', 'CAF B2.a', 'CAF B2.d', 'SATRE 1.5.05'],
    types: [role],
    property: 'assumeRolePolicy: Principal, aws:SourceAccount; the accounts they name',
    stack: true,
    wrong: ({ props }, graph) => {
      const statements = statementsIn(props.assumeRolePolicy);
      const held = statements.every(
        (statement) =>
          !statement.allow ||
          !isForService(statement) ||
          statement.conditions.some((condition) => narrowsBy(condition, sources)) ||
          statement.principals.every((principal) => silent.includes(principal)),
      );
      const accounts = statements
        .filter(({ allow }) => allow)
        .flatMap((statement) => [
          ...accountsOf(statement),
          ...statement.conditions.flatMap((one) => (narrowsBy(one, sources) ? accountsIn(one.values) : [])),
        ]);
      return unless(
        statements.length > 0 && held && !statements.some(isPublic) && areOwn(graph, accounts),
        'A service may take the role on behalf of others, or anybody or another account may. Add aws:SourceAccount of this account to its trust, and name roles of this account alone.',
      );
    },
  },
  {
    id: 'cognito-mfa',
    title: 'People sign in with a second factor',
    references: ['NCSC 10', 'CAF B2.a', 'CAF B2.c', 'SATRE 3.2.04', 'FSBP Cognito.5'],
    types: [userPool],
    property: 'mfaConfiguration',
    stack: true,
    // A pool with a resource server is for machines: they come with a client's secret, not as users.
    concerns: (pool, graph) => graph.beside(pool, awsType('cognito', 'ResourceServer'), 'userPoolId').length === 0,
    wrong: ({ props }) =>
      unless(
        textAt(props, 'mfaConfiguration') === 'ON',
        'People can sign in with a password alone. Set mfaConfiguration to ON.',
      ),
  },
  {
    id: 'cognito-protected',
    title: 'Who may sign in cannot be deleted by mistake, and nobody signs up alone',
    references: ['NCSC 9', 'CAF B2.d', 'SATRE 3.2.01', 'SATRE 1.5.01', 'FSBP Cognito.6'],
    types: [userPool],
    property: 'deletionProtection, adminCreateUserConfig.allowAdminCreateUserOnly',
    wrong: ({ props }) =>
      unless(
        textAt(props, 'deletionProtection') === 'ACTIVE' &&
          at(props, 'adminCreateUserConfig.allowAdminCreateUserOnly') === true,
        'The pool can be deleted, or people sign up by themselves. Set deletionProtection and allowAdminCreateUserOnly.',
      ),
  },
  {
    id: 'account-named',
    title: 'The provider works in one named account',
    references: ['NCSC 12', 'CAF B4.b', 'SATRE 2.2.04'],
    types: [awsAccount],
    property: 'allowedAccountIds',
    wrong: ({ props }) =>
      unless(
        isSet(props.allowedAccountIds) && String(props.allowedAccountIds) !== '[]',
        'Whatever account the credentials lead to would be changed. Set allowedAccountIds.',
      ),
  },
];
