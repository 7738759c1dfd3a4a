import { type PolicyCondition, type PolicyStatement, statementsOf } from '../reachability/policy-document';

/** What a policy that cannot be read may say: everything to everybody. */
const unread: PolicyStatement = {
  sid: 'unread',
  allow: true,
  principals: ['*'],
  notPrincipals: [],
  actions: ['*'],
  notActions: [],
  resources: ['*'],
  notResources: [],
  conditions: [],
};

/** The statements of a policy; where there is none it allows nothing, and what cannot be read counts as open. */
export const statementsIn = (policy: unknown): readonly PolicyStatement[] =>
  policy === undefined || policy === null || policy === '' ? [] : (statementsOf(policy) ?? [unread]);

/** Keys of a condition that narrow who calls to this account, or to what stands in it. */
const ownKeys = [
  'aws:principalaccount',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:principalarn',
  'aws:sourceowner',
  'kms:calleraccount',
];

const isService = (principal: string): boolean => principal.startsWith('Service ');

/** Whether a statement is about everybody, services apart. */
export const isForAll = ({ principals, notPrincipals }: PolicyStatement): boolean =>
  notPrincipals.length > 0 || principals.some((principal) => /^(\S+ )?\*$/.test(principal) && !isService(principal));

/** Whether a service may come by it. */
export const isForService = ({ principals }: PolicyStatement): boolean => principals.some(isService);

/**
 * Whether a condition holds a statement to one of these keys: to named values, in a form that fails when the key is missing.
 * `StringNotEquals`, `…IfExists`, `ForAllValues:…` and `Null` all hold for requests of strangers.
 */
export const narrowsBy = ({ operator, key, values }: PolicyCondition, keys: readonly string[]): boolean =>
  keys.includes(key.toLowerCase()) &&
  /^(ForAnyValue:)?(String|Arn)(Equals|Like|EqualsIgnoreCase)$/.test(operator) &&
  values.length > 0 &&
  values.every((value) => /(^|:)(\d{12}|[oru]-[\w-]+)(:|\/|$)/.test(value) || /^arn:[\w-]+:s3:::[^*?/]+$/.test(value));

/** Whether anybody on earth could be meant: `*` that no condition narrows to an account. */
export const isPublic = (statement: PolicyStatement): boolean =>
  statement.allow && isForAll(statement) && !statement.conditions.some((condition) => narrowsBy(condition, ownKeys));

/** Accounts that are let in by number or ARN. */
export const accountsOf = ({ allow, principals }: PolicyStatement): readonly string[] =>
  allow
    ? principals.flatMap((principal) =>
        isService(principal) ? [] : (/^\S+ (?:arn:[\w-]+:\w+::)?(\d{12})\b/.exec(principal)?.[1] ?? []),
      )
    : [];

/** Accounts that the values of a condition name, by number or in an ARN. */
export const accountsIn = (values: readonly string[]): readonly string[] =>
  values.flatMap((value) => /^(?:arn:[\w-]+:[\w-]+:[^:]*:)?(\d{12})(?::|$)/.exec(value)?.slice(1) ?? []);

/** The values that a condition, `StringEquals aws:SourceAccount`, compares with. */
export const valuesOf = ({ conditions }: PolicyStatement, condition: string): readonly string[] =>
  conditions.flatMap(({ operator, key, values }) => (`${operator} ${key}` === condition ? values : []));

/** A denial to everybody whenever the condition holds, and no other is needed. */
export const deniesWhen = (statements: readonly PolicyStatement[], condition: string, value: string): boolean =>
  statements.some(
    (statement) =>
      !statement.allow &&
      statement.principals.includes('*') &&
      statement.conditions.length === 1 &&
      valuesOf(statement, condition).includes(value),
  );
