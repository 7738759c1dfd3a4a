import type { Borders } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, textsAt, valuesAt } from './input-values';
import { covers, type PolicyStatement, statementsOf } from './policy-document';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { keyOf, kindOf, projectOf, type ResourceGraph } from './resource-graph';

const bucketType = 'aws:s3/bucket:Bucket';
const pointType = 'aws:s3/accessPoint:AccessPoint';
const stores = [bucketType, pointType, 'aws:sqs/queue:Queue', 'aws:sns/topic:Topic', 'aws:kinesis/stream:Stream'];

const writing = ['s3:PutObject', 'sqs:SendMessage', 'sns:Publish', 'kinesis:PutRecord'];
const reading = ['s3:GetObject', 'sqs:ReceiveMessage', 'sns:Subscribe', 'kinesis:GetRecords'];
/** What reaches another account without any policy on our side that says so. */
const leaving = [...writing, 'sts:AssumeRole', 'lambda:InvokeFunction', 'events:PutEvents'];

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
    return this.#graph.of('aws:iam/role:Role').flatMap((role) => this.#leaving(role));
  }

  /** Between the roles of projects and the stores they may write to or read from. */
  betweenProjects(): readonly Edge[] {
    const roles = this.#graph.of('aws:iam/role:Role').filter((role) => projectOf(role) !== undefined);
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
    const isOf = (one: GraphResource): boolean =>
      ['role', 'roles'].some((path) =>
        textsAt(one.inputs, path).some((reference) => this.#graph.find(reference, role.type) === role),
      );
    const own = this.#graph.of('aws:iam/rolePolicy:RolePolicy').filter(isOf);
    const attached = this.#graph
      .of('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'aws:iam/policyAttachment:PolicyAttachment')
      .filter(isOf)
      .flatMap((attachment) => this.#graph.named(attachment, 'policyArn', 'aws:iam/policy:Policy'));
    return [...own, ...attached, role].flatMap((at) =>
      ['policy', 'inlinePolicies[].policy'].flatMap((path) =>
        valuesAt(at.inputs, path)
          .flatMap((document) => statementsOf(document) ?? [])
          .map((statement) => ({ at, statement })),
      ),
    );
  }

  #leaving(role: GraphResource): readonly Edge[] {
    return this.#statementsOf(role).flatMap(({ at, statement }) => {
      if (!statement.allow) return [];
      const action = statement.actions.find((pattern) => leaving.some((one) => covers(pattern, one)));
      if (action === undefined || this.#isBound(statement)) return [];
      const places = new Set(
        statement.resources.flatMap((arn) => (arn === '*' ? ['any account'] : (this.#borders.placeOf(arn) ?? []))),
      );
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
    if (!statement.allow || !statement.actions.some((pattern) => actions.some((action) => covers(pattern, action))))
      return false;
    const arn = textAt(store.outputs, 'arn') ?? textAt(store.inputs, 'arn');
    if (arn === undefined) return false;
    return statement.resources.some(
      (resource) => covers(resource, arn) || resource.startsWith(`${arn}/`) || covers(resource, `${arn}/object`),
    );
  }
}
