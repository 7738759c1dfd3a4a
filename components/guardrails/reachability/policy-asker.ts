import { isEverywhere } from './address-range';
import type { Borders } from './borders';
import type { PolicyCondition, PolicyStatement } from './policy-document';
import { covers, coversAction, statementsOf } from './policy-document';
import type { ResourceGraph } from './resource-graph';

/**
 * Who asks: somebody of another account, a service of AWS that works for another account, or our own credentials used from outside
 * our networks, as they are or by an address that was signed with them.
 */
export type Asker =
  | 'stranger'
  | 'service for a stranger'
  | 'ours outside'
  | 'unsigned outside'
  | 'signed outside'
  | 'signed long ago outside';

/** Keys whose values name somebody: the principal, or the resource for which a service asks. */
const principalKeys = new Set(['aws:principalaccount', 'aws:principalarn', 'aws:principalorgid', 'kms:calleraccount']);
const sourceKeys = new Set(['aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'aws:sourceowner']);
/** Nobody outside comes through an endpoint of ours; through one of his own anybody may. */
const networkKeys = new Set(['aws:sourcevpce', 'aws:sourcevpc', 'aws:sourcevpcarn', 'aws:vpcsourceip']);
/** Whoever asks says these himself. */
const saidByCaller =
  /^(sts:(externalid|rolesessionname|sourceidentity)|aws:(requesttag\/|useragent|referer)|s3:x-amz-)/;
const facts: Readonly<Record<string, string>> = {
  'aws:securetransport': 'true',
  's3:tlsversion': '1.3',
  'aws:viaawsservice': 'false',
  'kms:grantisforawsresource': 'false',
};
/** What S3 knows of how a request was signed, the age in milliseconds. */
const signatures: Readonly<Partial<Record<Asker, Readonly<Record<string, string>>>>> = {
  'unsigned outside': { 's3:authtype': 'REST-HEADER' },
  'signed outside': { 's3:authtype': 'REST-QUERY-STRING', 's3:signatureage': '1000' },
  'signed long ago outside': { 's3:authtype': 'REST-QUERY-STRING', 's3:signatureage': '604800000' },
};
/** Services that take a role and run nobody's code with it: no address is signed there. */
const withoutCode = new Set(
  ['apigateway', 'backup', 'cloudtrail', 'lakeformation', 'quicksight', 'redshift', 'scheduler', 'states'].map(
    (service) => `Service ${service}.amazonaws.com`,
  ),
);
const isOurs = (asker: Asker): boolean => asker.endsWith('outside');

/** Asks policies on behalf of those who should get nothing. What cannot be told counts against us. */
export class PolicyAsker {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
  }

  /** Whether this statement's conditions can be met. */
  allows({ conditions }: PolicyStatement, asker: Asker): boolean {
    return conditions.every((condition) => this.#holds(condition, asker) !== false);
  }

  /** Whether some statement certainly denies an action that another one allows, on all of a resource where one is named. */
  denies(statements: readonly PolicyStatement[], action: string, asker: Asker, resource?: string): boolean {
    return statements.some(
      (statement) =>
        !statement.allow &&
        this.#isAbout(statement, asker) &&
        coversAction(statement, action) &&
        (resource === undefined || statement.resources.some((pattern) => covers(pattern, resource))) &&
        statement.conditions.every((condition) => this.#holds(condition, asker) === true),
    );
  }

  #isAbout({ principals, notPrincipals }: PolicyStatement, asker: Asker): boolean {
    if (principals.includes('*')) return true;
    return notPrincipals.length > 0 && asker === 'stranger' && notPrincipals.every((one) => this.#isOurs(one));
  }

  /** Whether a principal, account, ARN or organisation is ours. */
  #isOurs(value: string): boolean {
    const text = value.replace(/^AWS /, '');
    if (text === '*' || text === '') return false;
    if (text.startsWith('o-')) return this.#borders.isOurOrganisation(text);
    return this.#borders.placeOf(text) === undefined;
  }

  /** Whether a condition holds for the asker: `undefined` where that cannot be told. */
  #holds({ operator, key, values }: PolicyCondition, asker: Asker): boolean | undefined {
    const plain = operator.replace(/^For(Any|All)Values?:/, '');
    // Either form holds for a request that has no such key.
    const ifExists = plain.endsWith('IfExists') || operator.startsWith('ForAllValues:');
    const name = plain.replace(/IfExists$/, '');
    const negated = name.includes('Not');
    const lower = key.toLowerCase();
    if (name === 'Null') return undefined;
    if (networkKeys.has(lower)) return this.#network(values, negated, ifExists);
    if (lower === 'aws:sourceip') return sourceAddress(values, negated);
    if (lower === 'aws:principalisawsservice')
      return compared(name, String(asker === 'service for a stranger'), values, negated);
    const fact = facts[lower] ?? signatures[asker]?.[lower];
    if (fact !== undefined) return compared(name, fact, values, negated);
    if (isOurs(asker) && lower === 'aws:principalarn' && negated && values.some((arn) => this.#signs(arn)))
      return undefined;
    if (isOurs(asker) && principalKeys.has(lower)) return this.#ownPrincipal(values) !== negated;
    // An account of no organisation has no such key.
    if (ifExists && lower === 'aws:principalorgid') return negated ? this.#foreign(values, negated) : undefined;
    if (principalKeys.has(lower) || (sourceKeys.has(lower) && !(ifExists && asker === 'stranger')))
      return this.#foreign(values, negated);
    if (saidByCaller.test(lower)) return undefined;
    // Anything else that is bound to our own accounts or resources: the context of a key, the account of an access point.
    const bound = values.length > 0 && values.every((value) => /[0-9]{12}/.test(value) && this.#isOurs(value));
    return bound && !negated && !ifExists && !isOurs(asker) ? false : undefined;
  }

  #network(values: readonly string[], negated: boolean, ifExists: boolean): boolean | undefined {
    if (ifExists && !negated) return undefined;
    return values.every((value) => this.#graph.find(value) !== undefined) ? negated : undefined;
  }

  /** Some role of ours, of no particular name. */
  #ownPrincipal(values: readonly string[]): boolean {
    return this.#borders.declared.accounts.some((account) =>
      values.some((value) => value === account || covers(value, `arn:aws:iam::${account}:role/some-role`)),
    );
  }

  /** Whether some code of ours could sign an address as this role: what is not known could. */
  #signs(arn: string): boolean {
    if (this.#borders.declared.people?.includes(arn) === true) return false;
    const role = this.#graph.find(arn, 'aws:iam/role:Role');
    const trust = statementsOf(role?.inputs.assumeRolePolicy);
    if (trust === undefined) return true;
    const takers = trust.filter(({ allow }) => allow).flatMap(({ principals }) => principals);
    return takers.length === 0 || takers.some((taker) => !withoutCode.has(taker));
  }

  #foreign(values: readonly string[], negated: boolean): boolean | undefined {
    // Of strangers that are named others may ask: nobody can tell whether this one does.
    return values.every((value) => this.#isOurs(value)) ? negated : undefined;
  }
}

function sourceAddress(values: readonly string[], negated: boolean): boolean | undefined {
  // Through an endpoint of his own a stranger has no such address.
  return negated && !values.some(isEverywhere) ? true : undefined;
}

/** Any value of a list will do, and of `Like` any text that it stands for (IAM User Guide, "Condition operators"). */
function compared(operator: string, fact: string, values: readonly string[], negated: boolean): boolean {
  if (operator.startsWith('NumericLessThan')) return values.some((value) => Number(fact) < Number(value));
  if (operator.startsWith('NumericGreaterThan')) return values.some((value) => Number(fact) > Number(value));
  const letters = operator.endsWith('IgnoreCase') || operator.includes('Like');
  return values.some((value) => (letters ? covers(value, fact) : value === fact)) !== negated;
}
