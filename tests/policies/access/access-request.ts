import { runSimulation } from '@cloud-copilot/iam-simulate';
import { covers } from '../../../components/guardrails/reachability/policy-document';
import { type AccountPolicies, everything, type PolicyText, type StatementText } from './account-policies';

/** Which policies are asked: all that are in force, or one side while the other lets everything pass. */
export type Layer = 'all' | 'role alone' | 'resource alone';

export interface AccessRequest {
  /** What is tried, as a person would tell it. */
  readonly name?: string;
  /** ARN of a role or a user. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** What the service would know of the request, beside what every request inside the lake's network says. */
  readonly context?: Readonly<Record<string, string>>;
  /** Of a call to KMS: the simulator knows no keys `kms:EncryptionContext:…`, so they are looked at here. */
  readonly encryptionContext?: Readonly<Record<string, string>>;
  readonly layer?: Layer;
  /** Replaces the policy of the principal; an administrator's, when it is no role of the lake. */
  readonly identity?: PolicyText;
  /** Comes by the endpoint of this service. */
  readonly through?: string;
  /** The network that it comes from. @default 'lake' */
  readonly network?: 'lake' | 'tre';
  readonly owner?: string;
}

export const account = '123456789012';
/** AWS's first policy of a key: whatever the roles of the account may. */
const wholeAccount: PolicyText = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
};

const contextKey = /^kms:EncryptionContext:(.+)$/;

/**
 * A statement without its conditions on the encryption context, when the request meets them: the simulator drops such keys of a
 * request and would call every grant with one denied (reference/aws.md, section 5). A statement whose condition is not met says
 * nothing about the request, so it is taken out. Only positive operators stand in our policies; any other is an error here.
 */
function forContext(statement: StatementText, context: Readonly<Record<string, string>>): readonly StatementText[] {
  const rest: Record<string, Record<string, string | readonly string[]>> = {};
  for (const [operator, tests] of Object.entries(statement.Condition ?? {})) {
    for (const [key, wanted] of Object.entries(tests)) {
      const name = contextKey.exec(key)?.[1];
      if (name === undefined) {
        rest[operator] = { ...rest[operator], [key]: wanted };
        continue;
      }
      const patterns = [wanted].flat();
      if (
        operator === 'StringEquals'
          ? !patterns.includes(context[name] ?? '')
          : !likeAny(operator, patterns, context[name])
      )
        return [];
    }
  }
  const { Condition: _, ...plain } = statement;
  return [Object.keys(rest).length === 0 ? plain : { ...plain, Condition: rest }];
}

function likeAny(operator: string, patterns: readonly string[], value: string | undefined): boolean {
  if (operator !== 'ArnLike' && operator !== 'StringLike')
    throw new Error(`A condition on the encryption context by ${operator} is not evaluated here.`);
  return value !== undefined && patterns.some((pattern) => covers(pattern, value));
}

const asked = new WeakMap<PolicyText, Map<string, PolicyText>>();

/** Made once for each context: thousands of requests ask the same policies. */
function within(policy: PolicyText, context: Readonly<Record<string, string>>): PolicyText {
  const made = asked.get(policy) ?? new Map<string, PolicyText>();
  asked.set(policy, made);
  const key = JSON.stringify(context);
  const known = made.get(key) ?? {
    Version: '2012-10-17',
    Statement: policy.Statement.flatMap((statement) => forContext(statement, context)),
  };
  made.set(key, known);
  return known;
}

const resourcePolicyOf = (policies: AccountPolicies, arn: string): PolicyText | undefined =>
  policies.resources.get(arn) ??
  policies.resources.get(arn.replace(arn.includes(':accesspoint/') ? /\/object\/.*$/ : /\/.*$/, ''));

/**
 * The simulator compares by `localeCompare` with this one option, for which Node makes a collator at each call: a third of the time
 * of many thousand requests. The collator kept here says the same.
 */
const ignoringCase = new Intl.Collator(undefined, { sensitivity: 'accent' });
const { localeCompare } = String.prototype;
String.prototype.localeCompare = function (that: string, ...how: [Intl.LocalesArgument?, Intl.CollatorOptions?]) {
  const [locales, options] = how;
  const isSimulator = locales === undefined && JSON.stringify(options) === '{"sensitivity":"accent"}';
  return isSimulator ? ignoringCase.compare(String(this), that) : localeCompare.call(this, that, ...how);
};

/** Asks the simulator whether a request is allowed, by the policies in force. */
export async function isAllowed(policies: AccountPolicies, request: AccessRequest): Promise<boolean> {
  const {
    principal,
    action,
    resource,
    layer = 'all',
    owner = account,
    encryptionContext = {},
    network = 'lake',
  } = request;
  const name = principal.slice(principal.lastIndexOf('/') + 1);
  const role = policies.roles.get(name);
  const isKey = action.startsWith('kms:');
  const identity = layer === 'resource alone' ? everything : (request.identity ?? role?.identity ?? everything);
  const own = layer === 'role alone' ? (isKey ? wholeAccount : undefined) : resourcePolicyOf(policies, resource);
  const endpoint = request.through === undefined ? undefined : policies.endpoints.get(`${network} ${request.through}`);
  const named = (policy: PolicyText) => [{ name: 'policy', policy: within(policy, encryptionContext) }];
  const result = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: owner },
        contextVariables: {
          'aws:PrincipalArn': principal,
          'aws:PrincipalAccount': principal.split(':')[4] ?? '',
          'aws:PrincipalIsAWSService': 'false',
          'aws:ResourceAccount': owner,
          'aws:SecureTransport': 'true',
          'aws:SourceVpce': policies.storeEndpoints.get(network) ?? '',
          'aws:ViaAWSService': 'false',
          ...(action.startsWith('s3:') ? { 's3:TlsVersion': '1.3' } : {}),
          ...(isKey ? { 'kms:CallerAccount': principal.split(':')[4] ?? '' } : {}),
          ...request.context,
        },
      },
      identityPolicies: named(identity),
      serviceControlPolicies: [{ orgIdentifier: 'root', policies: named(policies.organisation) }],
      resourceControlPolicies: [],
      ...(own === undefined ? {} : { resourcePolicy: within(own, encryptionContext) }),
      ...(role === undefined ? {} : { permissionBoundaryPolicies: named(policies.boundary) }),
      ...(endpoint === undefined ? {} : { vpcEndpointPolicies: named(endpoint) }),
    },
    {},
  );
  if (result.resultType === 'error')
    throw new Error(`${principal} ${action} ${resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
}
