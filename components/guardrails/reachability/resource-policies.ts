import { anyAccount, type Borders, internet } from './borders';
import type { GraphResource } from './graph-resource';
import { flagAt, textAt, valuesAt } from './input-values';
import { type Asker, PolicyAsker } from './policy-asker';
import { covers, coversAction, type PolicyStatement, statementsOf } from './policy-document';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';

/** Where the policy of each type stands, and what names the resource that it is about when that is another. */
export const policyPlaces: Readonly<Record<string, { readonly policy: string; readonly about?: string }>> = {
  'aws:backup/vaultPolicy:VaultPolicy': { policy: 'policy', about: 'backupVaultName' },
  'aws:cloudwatch/eventBusPolicy:EventBusPolicy': { policy: 'policy', about: 'eventBusName' },
  'aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy': {
    policy: 'deliveryDestinationPolicy',
    about: 'deliveryDestinationName',
  },
  'aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy': { policy: 'accessPolicy', about: 'destinationName' },
  'aws:cloudwatch/logResourcePolicy:LogResourcePolicy': { policy: 'policyDocument' },
  'aws:ecr/registryPolicy:RegistryPolicy': { policy: 'policy' },
  'aws:ecr/repositoryPolicy:RepositoryPolicy': { policy: 'policy', about: 'repository' },
  'aws:glue/resourcePolicy:ResourcePolicy': { policy: 'policy' },
  'aws:kinesis/resourcePolicy:ResourcePolicy': { policy: 'policy', about: 'resourceArn' },
  'aws:kms/key:Key': { policy: 'policy' },
  'aws:kms/keyPolicy:KeyPolicy': { policy: 'policy', about: 'keyId' },
  'aws:kms/replicaKey:ReplicaKey': { policy: 'policy' },
  'aws:lambda/resourcePolicy:ResourcePolicy': { policy: 'policy', about: 'resourceArn' },
  'aws:redshift/resourcePolicy:ResourcePolicy': { policy: 'policy', about: 'resourceArn' },
  'aws:redshiftserverless/resourcePolicy:ResourcePolicy': { policy: 'policy', about: 'resourceArn' },
  'aws:s3/accessPoint:AccessPoint': { policy: 'policy' },
  'aws:s3/bucket:Bucket': { policy: 'policy' },
  'aws:s3/bucketPolicy:BucketPolicy': { policy: 'policy', about: 'bucket' },
  'aws:s3control/accessPointPolicy:AccessPointPolicy': { policy: 'policy', about: 'accessPointArn' },
  'aws:secretsmanager/secret:Secret': { policy: 'policy' },
  'aws:secretsmanager/secretPolicy:SecretPolicy': { policy: 'policy', about: 'secretArn' },
  'aws:sns/topic:Topic': { policy: 'policy' },
  'aws:sns/topicPolicy:TopicPolicy': { policy: 'policy', about: 'arn' },
  'aws:sqs/queue:Queue': { policy: 'policy' },
  'aws:sqs/queuePolicy:QueuePolicy': { policy: 'policy', about: 'queueUrl' },
  'aws:iam/role:Role': { policy: 'assumeRolePolicy' },
};

/** What a service of AWS could take something out with. */
const taking =
  's3:Get* kms:Decrypt* kms:ReEncrypt* kms:Create* sqs:Receive* sns:Subscribe* sns:Receive* secretsmanager:Get* lambda:Invoke* ecr:Get* ecr:Batch* glue:Get* glue:Batch* kinesis:Get* kinesis:Subscribe* backup:Copy* backup:Get*'.split(
    ' ',
  );

/** Services that give the credentials of a role to machines elsewhere, for a certificate or an activation. */
const handsOut = new Set(['rolesanywhere.amazonaws.com', 'credentials.iot.amazonaws.com', 'ssm.amazonaws.com']);

/** Ways out by what a resource itself lets others do: the policies of buckets, keys, topics, queues, secrets, roles … */
export class ResourcePolicies {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;
  readonly #asker: PolicyAsker;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
    this.#asker = new PolicyAsker(graph, borders);
  }

  edges(): readonly Edge[] {
    const places = Object.keys(policyPlaces);
    return this.#graph.of(...places).flatMap((holder) => this.#edgesOf(holder));
  }

  #edgesOf(holder: GraphResource): readonly Edge[] {
    const { policy, about } = policyPlaces[holder.type] as { readonly policy: string; readonly about?: string };
    const [document] = valuesAt(holder.inputs, policy);
    if (document === undefined) return [];
    const subject = about === undefined ? holder : this.#subjectOf(holder, about);
    const statements = statementsOf(document);
    if (statements === undefined)
      return [edgeOf(subject, anyAccount, [stepOf(holder, `${policy} cannot be read`)], `make ${policy} known`)];
    return statements
      .filter(({ allow }) => allow)
      .flatMap((statement) => {
        const { principals, notPrincipals } = statement;
        return [...principals, ...(notPrincipals.length > 0 ? ['*'] : [])].flatMap((principal) => {
          const to = this.#placeFor(principal, statement, statements, subject);
          const says = `${policy}, ${statement.sid}, allows ${statement.actions.join(', ')} to ${principal}`;
          return to === undefined
            ? []
            : [
                edgeOf(
                  subject,
                  to,
                  [stepOf(holder, says)],
                  `narrow ${statement.sid} of ${kindOf(holder)} ${holder.name}`,
                ),
              ];
        });
      });
  }

  #subjectOf(holder: GraphResource, about: string): GraphResource {
    const types = new Set(Object.keys(policyPlaces));
    const reference = textAt(holder.inputs, about);
    return (
      this.#graph.resources.find(
        (one) => one !== holder && !isPolicy(one, types) && this.#graph.find(reference, one.type) === one,
      ) ?? holder
    );
  }

  #placeFor(
    principal: string,
    statement: PolicyStatement,
    statements: readonly PolicyStatement[],
    subject: GraphResource,
  ): string | undefined {
    const [kind = '', name = ''] = principal.split(' ');
    const asker: Asker = kind === 'Service' ? 'service for a stranger' : 'stranger';
    const open = statement.actions.filter((action) => !this.#isDenied(statement, statements, action, asker, subject));
    if (open.length + statement.notActions.length === 0 || !this.#asker.allows(statement, asker)) return undefined;
    switch (kind) {
      case '*':
        if (kindOf(subject) === 'Bucket') return this.#restricted(subject) ? undefined : internet;
        return anyAccount;
      case 'AWS':
        return this.#borders.placeOf(name);
      case 'CanonicalUser':
        return anyAccount;
      case 'Federated':
        return federatedIsBound(statement) ? undefined : internet;
      default:
        // A role names the service that takes it; a service takes roles of its caller's account only (iam:PassRole).
        if (kindOf(subject) === 'Role') return handsOut.has(name) ? internet : undefined;
        return takes(statement, open) ? anyAccount : undefined;
    }
  }

  /** Whether a statement's action is denied again on everything that it allows it on: a deny of a part hides nothing. */
  #isDenied(
    { resources, notResources }: PolicyStatement,
    statements: readonly PolicyStatement[],
    action: string,
    asker: Asker,
    subject: GraphResource,
  ): boolean {
    const whole = notResources.length > 0 || resources.length === 0 || resources.includes('*');
    const named = whole ? wholeOf(subject, action) : resources;
    if (named.length === 0) return this.#asker.denies(statements, action, asker);
    return named.every((resource) => this.#asker.denies(statements, action, asker, resource));
  }

  /** A public policy is without effect where public access is restricted. */
  #restricted(bucket: GraphResource): boolean {
    const types = [
      'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
      'aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock',
    ];
    return this.#graph
      .of(...types)
      .some(
        (block) =>
          flagAt(block.inputs, 'restrictPublicBuckets') &&
          (block.type === types[1] || this.#graph.find(textAt(block.inputs, 'bucket'), bucket.type) === bucket),
      );
  }
}

/** Whether a statement's actions, or those that it does not leave out, take something: what one pattern has in common with another. */
const takes = (statement: PolicyStatement, open: readonly string[]): boolean =>
  open.some((action) => action.endsWith(':*') || taking.some((one) => covers(action, one) || covers(one, action))) ||
  (statement.notActions.length > 0 && taking.some((one) => coversAction(statement, one)));

/** What `*` means in the policy of a resource: itself, and of a bucket the objects where the action is about these. */
function wholeOf(subject: GraphResource, action: string): readonly string[] {
  const arn = textAt(subject.outputs, 'arn');
  if (arn === undefined) return [];
  if (kindOf(subject) !== 'Bucket') return [arn];
  const pattern = action.includes('*');
  const ofObjects = pattern || /object|multipart/i.test(action);
  return [...(ofObjects ? [`${arn}/*`] : []), ...(pattern || !ofObjects ? [arn] : [])];
}

const isPolicy = ({ type }: GraphResource, types: ReadonlySet<string>): boolean =>
  types.has(type) && policyPlaces[type]?.about !== undefined;

/** A subject of which the owner is a pattern, `repo:*`, `repo:nhs*:ref:…`, `org/*`: others' names may fit it. */
const someOwners = /^(org\/)?[^/]*[*?]/;

/** A token of a federation names its audience and its subject, and the subject is not everybody; SAML's is of our own provider alone. */
function federatedIsBound({ conditions }: PolicyStatement): boolean {
  const subjects = conditions.filter(
    ({ key, operator }) => /:(sub|aud)$/i.test(key) && !operator.includes('Not') && !operator.endsWith('IfExists'),
  );
  const bound = (name: string) =>
    subjects.some(
      ({ key, values }) => key.toLowerCase().endsWith(`:${name}`) && values.every((value) => !someOwners.test(value)),
    );
  // An identity pool gives tokens to visitors who did not sign in, unless the kind of sign-in is named (Cognito Developer Guide, "Role trust").
  if (conditions.some(({ key }) => /^cognito-identity\./i.test(key)))
    return conditions.some(
      ({ key, values }) => /:amr$/i.test(key) && values.every((value) => value === 'authenticated'),
    );
  return bound('aud') && (bound('sub') || conditions.every(({ key }) => /^saml:/i.test(key)));
}
