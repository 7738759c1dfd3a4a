import { at, listOf } from './guarded-resource';

type Texts = readonly string[];

/** A statement of an IAM policy with every list a list (IAM User Guide, "Grammar of the IAM JSON policy language"). */
export interface Statement {
  readonly allows: boolean;
  readonly actions: Texts;
  readonly notActions: Texts;
  readonly resources: Texts;
  /** `*`, ARNs and account ids of `AWS`, and whatever other kinds of principal there are. */
  readonly principals: Texts;
  /** Names of services: `s3.amazonaws.com`. */
  readonly services: Texts;
  /** `operator key` to values: `StringEquals aws:SourceAccount`. */
  readonly conditions: ReadonlyMap<string, Texts>;
}

const texts = (value: unknown): Texts => listOf(value).map(String);

function principalsOf(value: unknown): Pick<Statement, 'principals' | 'services'> {
  if (typeof value !== 'object' || value === null) return { principals: texts(value), services: [] };
  const { Service, ...others } = value as Readonly<Record<string, unknown>>;
  return { principals: Object.values(others).flatMap(texts), services: texts(Service) };
}

/** The statements of a policy given as text or as an object. A text that is no JSON has none: it allows nothing. */
export function statementsOf(policy: unknown): readonly Statement[] {
  const document = typeof policy === 'string' ? parsed(policy) : policy;
  return listOf(at(document, 'Statement')).map((raw) => ({
    allows: at(raw, 'Effect') === 'Allow',
    actions: texts(at(raw, 'Action')),
    notActions: texts(at(raw, 'NotAction')),
    resources: texts(at(raw, 'Resource')),
    ...principalsOf(at(raw, 'Principal')),
    conditions: new Map(
      Object.entries(
        (at(raw, 'Condition') ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>,
      ).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, value]) => [`${operator} ${key}`, texts(value)] as const),
      ),
    ),
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keys of a condition that narrow who calls to this account, or to what stands in it. */
const ownKeys = [
  'aws:principalaccount',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:principalarn',
  'aws:sourceowner',
  'kms:calleraccount',
];

/** Whether anybody on earth could be meant: `*` that no condition narrows to an account. */
export const isPublic = ({ allows, principals, conditions }: Statement): boolean =>
  allows &&
  principals.includes('*') &&
  ![...conditions.keys()].some((key) => ownKeys.some((own) => key.toLowerCase().endsWith(` ${own}`)));

/** Accounts that are let in by number or ARN. */
export const accountsOf = ({ allows, principals }: Statement): Texts =>
  allows ? principals.flatMap((principal) => /^(?:arn:[\w-]+:\w+::)?(\d{12})\b/.exec(principal)?.[1] ?? []) : [];

/** A denial to everybody whenever the condition holds. */
export const deniesWhen = (statements: readonly Statement[], key: string, value: string): boolean =>
  statements.some(
    ({ allows, principals, conditions }) =>
      !allows && principals.includes('*') && (conditions.get(key) ?? []).some((one) => one === value),
  );
