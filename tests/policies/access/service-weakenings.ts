import type { AccountPolicies, PolicyText, StatementText } from './account-policies';
import { ownName, type Touch } from './touches';

/** One control taken away: by whom something is done then that was refused. */
export interface ServiceWeakening {
  readonly name: string;
  readonly weaken: (policies: AccountPolicies) => AccountPolicies;
  /** Name of the attack that is possible then. */
  readonly opens: string;
}

const rewritten = (policy: PolicyText, change: (now: StatementText) => readonly StatementText[]): PolicyText => {
  const Statement = policy.Statement.flatMap(change);
  if (JSON.stringify(Statement) === JSON.stringify(policy.Statement)) throw new Error('The weakening changes nothing.');
  return { ...policy, Statement };
};
const without =
  (sid: RegExp) =>
  (one: StatementText): readonly StatementText[] =>
    sid.test(one.Sid ?? '') ? [] : [one];

export function serviceWeakenings(touches: readonly Touch[]): readonly ServiceWeakening[] {
  const resourceOf = (wanted: string): string => touches.find(({ name }) => name === wanted)?.resource ?? '';
  const onResource =
    (of: string, change: (now: StatementText) => readonly StatementText[]) =>
    (policies: AccountPolicies): AccountPolicies => {
      const policy = policies.resources.get(of);
      if (policy === undefined) throw new Error(`No policy of ${of} was recorded.`);
      return { ...policies, resources: new Map([...policies.resources, [of, rewritten(policy, change)]]) };
    };
  const onRole =
    (wanted: string, change: (now: StatementText) => readonly StatementText[]) =>
    (policies: AccountPolicies): AccountPolicies => ({
      ...policies,
      roles: new Map(
        [...policies.roles].map(([name, role]) =>
          ownName(name) === wanted ? [name, { ...role, identity: rewritten(role.identity, change) }] : [name, role],
        ),
      ),
    });
  const onOrganisation =
    (sid: RegExp) =>
    (policies: AccountPolicies): AccountPolicies => ({
      ...policies,
      organisation: rewritten(policies.organisation, without(sid)),
    });
  const anybody = (one: StatementText): readonly StatementText[] => {
    const { ArnLike: _, ...Condition } = one.Condition ?? {};
    return [{ ...one, Condition }];
  };
  return [
    {
      name: "a database's key is used through RDS by the whole account",
      weaken: onResource(resourceOf('opens with service-state-identity'), anybody),
      opens: 'restores the identity database beside it',
    },
    {
      name: 'logins are opened by the whole account',
      weaken: onResource(resourceOf('opens with service-secrets'), anybody),
      opens: 'opens that login by its key',
    },
    {
      name: 'anybody invokes the preparation',
      weaken: onResource(resourceOf('invokes prepare'), () => []),
      opens: 'has the preparation make a role for them',
    },
    {
      name: 'the access point is for whoever comes',
      weaken: onResource(
        resourceOf('reads marts by the access point').replace(/\/object\/.*$/, ''),
        without(/^ReadersAlone$/),
      ),
      opens: 'reads a mart by the access point of researchers',
    },
    {
      name: 'the access point is written to',
      weaken: onResource(
        resourceOf('reads marts by the access point').replace(/\/object\/.*$/, ''),
        without(/^ReadOnly$/),
      ),
      opens: 'with every right, writes by the access point',
    },
    {
      name: 'spark stages anywhere, whatever its role may',
      weaken: onResource(resourceOf('writes marts').replace(/\/p\/object$/, ''), without(/^OnlyPart/)),
      opens: 'with every right, puts a mart there',
    },
    {
      name: 'what is staged is for all who read marts',
      weaken: onResource(resourceOf('writes marts').replace(/\/p\/object$/, ''), without(/^StagedForWriters$/)),
      opens: 'reads what a job has staged',
    },
    {
      name: 'what is staged is behind the access point',
      weaken: onResource(
        resourceOf('reads marts by the access point').replace(/\/object\/.*$/, ''),
        without(/^NothingStaged$/),
      ),
      opens: 'reads by the access point what a job has staged',
    },
    {
      name: 'researchers may whatever the bucket lets them',
      weaken: onRole('research-flu', (one) => (one.Effect === 'Deny' ? [] : [{ ...one, Resource: '*' }])),
      opens: 'reads marts past the access point',
    },
    {
      name: 'runs start what they like',
      weaken: onRole('curation-schedule', (one) => [{ ...one, Resource: '*' }]),
      opens: 'starts another machine',
    },
    {
      name: "the authoriser's role invokes everything",
      weaken: onRole('gateway-authoriser', (one) => [{ ...one, Resource: '*' }]),
      opens: 'invokes what is behind the gateway by itself',
    },
    {
      name: 'the organisation lets everybody log in to databases',
      weaken: onOrganisation(/^DatabasesByTheLakeAlone$/),
      opens: 'logs in to identity',
    },
    {
      name: 'the organisation lets everybody change databases',
      weaken: onOrganisation(/^DatabasesCopiedByBackupAlone$/),
      opens: "gives identity's first user a password",
    },
    {
      name: 'the organisation lets everybody change roles and functions',
      weaken: onOrganisation(/^DeployersAlone$/),
      opens: 'lets a function in that asks by another way',
    },
  ];
}
