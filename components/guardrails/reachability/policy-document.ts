import { documentOf, fieldsOf, listOf } from './input-values';

/** A statement of an IAM policy with every list a list (IAM User Guide, "Grammar of the IAM JSON policy language"). */
export interface PolicyStatement {
  readonly sid: string;
  readonly allow: boolean;
  /** `*`, or `AWS arn…`, `Service …`, `Federated …`; empty in the policy of a role. */
  readonly principals: readonly string[];
  readonly notPrincipals: readonly string[];
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  readonly conditions: readonly PolicyCondition[];
}

export interface PolicyCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

const texts = (value: unknown): readonly string[] => listOf(value).map(String);

/** An ARN of less than six fields means whatever the missing ones may be (IAM User Guide, "JSON policy elements: Resource"). */
const whole = (arn: string): string =>
  arn.startsWith('arn:') ? arn + ':*'.repeat(Math.max(0, 6 - arn.split(':').length)) : arn;

function principalsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object') return texts(value).map((name) => (name === '*' ? '*' : `AWS ${name}`));
  return Object.entries(value ?? {}).flatMap(([kind, named]) =>
    texts(named).map((name) => (kind === 'AWS' && name === '*' ? '*' : `${kind} ${name}`)),
  );
}

function conditionsOf(value: unknown): readonly PolicyCondition[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([operator, tests]) =>
    Object.entries((tests ?? {}) as object).map(([key, values]) => ({ operator, key, values: texts(values) })),
  );
}

/** The statements of a policy, given as text or as an object; `undefined` for what is not one. */
export function statementsOf(policy: unknown): readonly PolicyStatement[] | undefined {
  const document = documentOf(policy);
  if (document === undefined) return undefined;
  return listOf(document.Statement).map((value, index) => {
    const statement = fieldsOf(value);
    return {
      sid: typeof statement.Sid === 'string' ? statement.Sid : `statement ${index + 1}`,
      allow: statement.Effect === 'Allow',
      principals: principalsOf(statement.Principal),
      notPrincipals: principalsOf(statement.NotPrincipal),
      actions: texts(statement.Action),
      notActions: texts(statement.NotAction),
      resources: texts(statement.Resource).map(whole),
      notResources: texts(statement.NotResource).map(whole),
      conditions: conditionsOf(statement.Condition),
    };
  });
}

/** Whether IAM's pattern (`*`, `?`, without regard to case) covers everything that another pattern or text means. */
export function covers(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'is').test(text);
}

/** Whether a statement speaks of all that an action, or a pattern of actions, means. */
export const coversAction = ({ actions, notActions }: PolicyStatement, action: string): boolean =>
  actions.length > 0
    ? actions.some((pattern) => covers(pattern, action))
    : notActions.length > 0 && !notActions.some((pattern) => covers(pattern, action) || covers(action, pattern));
