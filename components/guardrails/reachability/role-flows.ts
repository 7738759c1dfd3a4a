import { anyAccount, type Borders } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt, valuesAt } from './input-values';
import { covers, coversAction, type PolicyStatement, statementsOf } from './policy-document';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { keyOf, kindOf, type ResourceGraph } from './resource-graph';

const bucketType = 'aws:s3/bucket:Bucket';
const pointType = 'aws:s3/accessPoint:AccessPoint';
const stores = [bucketType, pointType, 'aws:sqs/queue:Queue', 'aws:sns/topic:Topic', 'aws:kinesis/stream:Stream'];

const writing = ['s3:PutObject', 'sqs:SendMessage', 'sns:Publish', 'kinesis:PutRecord'];
const reading = ['s3:GetObject', 'sqs:ReceiveMessage', 'sns:Subscribe', 'kinesis:GetRecords'];
/** What reaches another account without any policy on our side that says so. */
const leaving = [...writing, 'sts:AssumeRole', 'lambda:InvokeFunction', 'events:PutEvents'];

const policyType = 'aws:iam/policy:Policy';
/** Policies of AWS that carry nothing to another account: copies into vaults of the account, configuration, a machine's own manager. */
const harmlessManaged =
  /^arn:aws:iam::aws:policy\/(service-role\/)?(AWSBackupServiceRolePolicyFor(Backup|Restores|S3Backup|S3Restore)|AWS_ConfigRole|AmazonSSMManagedInstanceCore|AWSLambda(Basic|VPCAccess)ExecutionRole|AmazonAPIGatewayPushToCloudWatchLogs)$/;

interface Held {
  /** The resource that holds the statement. */
  readonly at: GraphResource;
  readonly statement: PolicyStatement;
}

/** What roles carry: out of the account by their own policies, and from one research project to another through a store. */
export class RoleFlows {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
  }

  /** Out of the account. */
  outwards(): readonly Edge[] {
    return this.#graph
      .of('aws:iam/role:Role')
      .flatMap((role) => [...this.#leaving(role), ...this.#attachedUnread(role)]);
  }

  /** Between the roles of projects and the stores they may write to or read from. */
  betweenProjects(): readonly Edge[] {
    const roles = this.#graph.of('aws:iam/role:Role').filter((role) => this.#graph.projectOf(role) !== undefined);
    // Whatever way it came in by, it is in the bucket.
    const doors = this.#graph.of(pointType).flatMap((point) => {
      const [bucket] = this.#graph.named(point, 'bucket', bucketType);
      if (bucket === undefined) return [];
      const steps = [stepOf(point, `is a door of ${bucket.name}`)];
      const mend = `give each project a bucket of its own, or let none write through ${point.name}`;
      return [edgeOf(point, keyOf(bucket), steps, mend), edgeOf(bucket, keyOf(point), steps, mend)];
    });
    return [...roles.flatMap((role) => this.#carrying(role)), ...doors];
  }

  #statementsOf(role: GraphResource): readonly Held[] {
    const own = this.#graph.of('aws:iam/rolePolicy:RolePolicy').filter((one) => this.#isOf(one, role));
    const attached = this.#attachments(role).flatMap(({ arn }) => this.#graph.find(arn, policyType) ?? []);
    return [...own, ...attached, role].flatMap((at) =>
      ['policy', 'inlinePolicies[].policy'].flatMap((path) =>
        valuesAt(at.inputs, path)
          .flatMap((document) => statementsOf(document) ?? [])
          .map((statement) => ({ at, statement })),
      ),
    );
  }

  #isOf({ inputs }: GraphResource, role: GraphResource): boolean {
    return ['role', 'roles'].some((path) =>
      textsAt(inputs, path).some((reference) => this.#graph.find(reference, role.type) === role),
    );
  }

  /** Every policy that a role has by name, and what names it. */
  #attachments(role: GraphResource): readonly { readonly at: GraphResource; readonly arn: string }[] {
    const apart = this.#graph
      .of('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'aws:iam/policyAttachment:PolicyAttachment')
      .filter((one) => this.#isOf(one, role))
      .flatMap((at) => textsAt(at.inputs, 'policyArn').map((arn) => ({ at, arn })));
    return [...apart, ...textsAt(role.inputs, 'managedPolicyArns').map((arn) => ({ at: role, arn }))];
  }

  /** A policy that the stack does not hold may let everything through; of AWS's own those are known that cannot. */
  #attachedUnread(role: GraphResource): readonly Edge[] {
    return this.#attachments(role)
      .filter(({ arn }) => !harmlessManaged.test(arn) && this.#graph.find(arn, policyType) === undefined)
      .map(({ at, arn }) =>
        edgeOf(
          role,
          anyAccount,
          [stepOf(at, `attaches ${arn}, which the stack does not hold`)],
          `write what the role needs into a policy of the stack (${kindOf(at)} ${at.name})`,
        ),
      );
  }

  #leaving(role: GraphResource): readonly Edge[] {
    return this.#statementsOf(role).flatMap(({ at, statement }) => {
      if (!statement.allow) return [];
      const action =
        statement.actions.find((pattern) => leaving.some((one) => covers(pattern, one))) ??
        (statement.notActions.length > 0 ? leaving.find((one) => coversAction(statement, one)) : undefined);
      if (action === undefined || this.#isBound(statement)) return [];
      const named = statement.resources.flatMap((arn) =>
        arn === '*' ? [anyAccount] : (this.#borders.placeOf(arn) ?? []),
      );
      const places = new Set(statement.notResources.length > 0 ? [anyAccount] : named);
      return [...places].map((place) =>
        edgeOf(
          role,
          place,
          [stepOf(at, `${statement.sid} allows ${action} on resources of ${place}`)],
          `name resources of ours in ${statement.sid} of ${kindOf(at)} ${at.name}`,
        ),
      );
    });
  }

  #isBound({ conditions }: PolicyStatement): boolean {
    return conditions.some(
      ({ key, operator, values }) =>
        /^aws:Resource(Account|OrgID)$/i.test(key) &&
        !operator.includes('Not') &&
        values.every((value) => this.#borders.isOurs(value) || this.#borders.isOurOrganisation(value)),
    );
  }

  #carrying(role: GraphResource): readonly Edge[] {
    const held = this.#statementsOf(role);
    return this.#graph.of(...stores).flatMap((store) => {
      const puts = held.find((one) => this.#touches(one, store, writing));
      const takes = held.find((one) => this.#touches(one, store, reading));
      const edge = (from: GraphResource, to: GraphResource, { at, statement }: Held, does: string): Edge =>
        edgeOf(
          from,
          keyOf(to),
          [stepOf(at, `${statement.sid} lets it ${does} ${store.name}`)],
          `narrow ${statement.sid} of ${at.name}`,
        );
      return [
        ...(puts === undefined ? [] : [edge(role, store, puts, 'write to')]),
        ...(takes === undefined ? [] : [edge(store, role, takes, 'read from')]),
      ];
    });
  }

  #touches({ statement }: Held, store: GraphResource, actions: readonly string[]): boolean {
    if (!statement.allow || !carries(statement, actions)) return false;
    const arn = textAt(store.outputs, 'arn') ?? textAt(store.inputs, 'arn');
    if (arn === undefined) return false;
    if (statement.notResources.length > 0)
      return !statement.notResources.some((pattern) => covers(pattern, `${arn}/x`));
    return statement.resources.some(
      (resource) => covers(resource, arn) || resource.startsWith(`${arn}/`) || covers(resource, `${arn}/object`),
    );
  }
}

/** Whether a statement speaks of one of these actions, named or left over by `NotAction`. */
const carries = (statement: PolicyStatement, actions: readonly string[]): boolean =>
  statement.actions.length > 0
    ? statement.actions.some((pattern) => actions.some((action) => covers(pattern, action)))
    : actions.some((action) => coversAction(statement, action));
