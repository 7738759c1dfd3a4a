import { type PolicyStatement, statementsOf } from '../reachability/policy-document';

/** The statements of a policy; what is not one has none: it allows nothing. */
export const statementsIn = (policy: unknown): readonly PolicyStatement[] => statementsOf(policy) ?? [];

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
export const isForAll = ({ principals }: PolicyStatement): boolean =>
  principals.some((principal) => /^(\S+ )?\*$/.test(principal) && !isService(principal));

/** Whether a service may come by it. */
export const isForService = ({ principals }: PolicyStatement): boolean => principals.some(isService);

/** Whether anybody on earth could be meant: `*` that no condition narrows to an account. */
export const isPublic = (statement: PolicyStatement): boolean =>
  statement.allow &&
  isForAll(statement) &&
  !statement.conditions.some(({ key }) => ownKeys.includes(key.toLowerCase()));

/** Accounts that are let in by number or ARN. */
export const accountsOf = ({ allow, principals }: PolicyStatement): readonly string[] =>
  allow
    ? principals.flatMap((principal) =>
        isService(principal) ? [] : (/^\S+ (?:arn:[\w-]+:\w+::)?(\d{12})\b/.exec(principal)?.[1] ?? []),
      )
    : [];

/** The values that a condition, `StringEquals aws:SourceAccount`, compares with. */
export const valuesOf = ({ conditions }: PolicyStatement, condition: string): readonly string[] =>
  conditions.flatMap(({ operator, key, values }) => (`${operator} ${key}` === condition ? values : []));

/** A denial to everybody whenever the condition holds. */
export const deniesWhen = (statements: readonly PolicyStatement[], condition: string, value: string): boolean =>
  statements.some(
    (statement) => !statement.allow && isForAll(statement) && valuesOf(statement, condition).includes(value),
  );
