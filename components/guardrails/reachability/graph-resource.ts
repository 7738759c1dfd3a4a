/** A resource as a program registered it: what the reachability solver reads. */
export interface GraphResource {
  /** Pulumi's type: `aws:ec2/vpc:Vpc`. */
  readonly type: string;
  readonly name: string;
  /** What others name it by; `<name>-id` when absent, as Pulumi's mocks say it. */
  readonly id?: string;
  /** As the provider would get them; a secret is `{ secret: value }`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What the provider answered beside the inputs, ARNs above all. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}
