import { type Borders, internet, signedUpload } from './borders';
import type { GraphResource } from './graph-resource';
import { textAt, valuesAt } from './input-values';
import { type Asker, PolicyAsker } from './policy-asker';
import { type PolicyStatement, statementsOf } from './policy-document';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';

/** How an address may be used from outside, worst first: what it lets through, where that leads, what to change. */
const uses = [
  {
    action: 's3:GetObject',
    asker: 'ours outside',
    to: internet,
    says: 'a signed address of an object is answered from anywhere',
    mend: 'deny s3:GetObject* unless aws:SourceVpce is one of ours',
  },
  {
    action: 's3:PutObject',
    asker: 'signed outside',
    to: signedUpload,
    says: 'a signed upload is taken from anywhere',
    mend: 'deny s3:PutObject unless aws:SourceVpce is one of ours, or declare where senders put',
  },
  {
    action: 's3:PutObject',
    asker: 'unsigned outside',
    to: internet,
    says: 'credentials of ours put from anywhere, without a signed address',
    mend: 'deny s3:PutObject from outside unless s3:authType is REST-QUERY-STRING',
  },
  {
    action: 's3:PutObject',
    asker: 'signed long ago outside',
    to: internet,
    says: 'a signed upload is taken a week later',
    mend: 'deny s3:PutObject with an s3:signatureAge of more than minutes',
  },
] as const satisfies readonly {
  readonly action: string;
  readonly asker: Asker;
  readonly to: string;
  readonly says: string;
  readonly mend: string;
}[];

/**
 * Whoever has a signed address asks with the credentials that signed it, from anywhere, until it ends: only the bucket's policy
 * stops that, and holds it to our networks, to uploads and to minutes.
 */
export class SignedAddresses {
  readonly #graph: ResourceGraph;
  readonly #asker: PolicyAsker;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#asker = new PolicyAsker(graph, borders);
  }

  edges(): readonly Edge[] {
    return this.#graph.of('aws:s3/bucket:Bucket').flatMap((bucket) => this.#edgesOf(bucket));
  }

  #edgesOf(bucket: GraphResource): readonly Edge[] {
    const policies = this.#graph
      .of('aws:s3/bucketPolicy:BucketPolicy', 'aws:s3/bucket:Bucket')
      .filter((one) => one === bucket || this.#isOf(one, bucket));
    const statements = policies.flatMap(({ inputs }) => statementsOf(valuesAt(inputs, 'policy')[0]) ?? []);
    const holder = policies.find(({ type }) => type.endsWith('BucketPolicy')) ?? bucket;
    const open = uses.filter(({ action, asker }) => !this.#denies(bucket, statements, action, asker));
    return open.flatMap(({ action, to, says, mend: change }) => {
      const mend = `${change} (${kindOf(holder)} ${holder.name}, policy)`;
      const points = action === 's3:GetObject' ? this.#openPoints(bucket) : [];
      return [
        edgeOf(bucket, to, [stepOf(holder, says)], mend),
        ...points.map((point) =>
          edgeOf(
            bucket,
            to,
            [stepOf(point, 'is of the internet: no vpcConfiguration'), stepOf(holder, says)],
            `give AccessPoint ${point.name} a vpcConfiguration, and ${mend}`,
          ),
        ),
      ];
    });
  }

  /** Every object of the bucket, whoever of our code signed. */
  #denies(bucket: GraphResource, statements: readonly PolicyStatement[], action: string, asker: Asker): boolean {
    const arn = textAt(bucket.outputs, 'arn') ?? `arn:aws:s3:::${textAt(bucket.inputs, 'bucket') ?? bucket.name}`;
    return this.#asker.denies(statements, action, asker, `${arn}/*`);
  }

  #openPoints(bucket: GraphResource): readonly GraphResource[] {
    return this.#graph
      .of('aws:s3/accessPoint:AccessPoint')
      .filter((point) => textAt(point.inputs, 'vpcConfiguration.vpcId') === undefined && this.#isOf(point, bucket));
  }

  #isOf({ inputs }: GraphResource, bucket: GraphResource): boolean {
    return this.#graph.find(textAt(inputs, 'bucket'), bucket.type) === bucket;
  }
}
