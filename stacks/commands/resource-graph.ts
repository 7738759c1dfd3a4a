import { setImmediate } from 'node:timers/promises';
import { ComponentResource, type Resource, type ResourceTransformationArgs, runtime } from '@pulumi/pulumi';
import '../lean-pulumi';
import { type AwsxPart, awsxAnswer, awsxNetwork, awsxPartsOf } from './awsx-parts';
import { type MadeUpPlace, madeUpOutputs, placeOfProvider } from './made-up-outputs';

/** One resource that a program registered or read. */
export interface RecordedResource {
  /** Pulumi's type token: `aws:s3/bucket:Bucket`, `kubernetes:core/v1:Secret`, `lake:network:Network`. */
  readonly type: string;
  /** The name in the program; it is unique within its type and parent. */
  readonly name: string;
  /** As the engine would name it: types of the parents, own type, name. */
  readonly urn: string;
  /** What the provider would be given; a secret is `{ secret: value }`. Empty for a component. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What the provider would name it; made up. */
  readonly id: string;
  /** What the provider would compute beside the inputs (its ARN, its addresses); made up, empty in preview. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** `urn` of the resource it stands under; empty at the top. */
  readonly parent: string;
  /** `urn` of the component it belongs to, itself for a component; empty for what stands in none (a provider). */
  readonly component: string;
  /** `urn::id` of the explicit provider; empty where a default one would be made. */
  readonly provider: string;
  /** False for a component. */
  readonly custom: boolean;
  /** `urn` of what it is made after by the program's own word, beside what its inputs wait for. */
  readonly after?: readonly string[];
  /** Inputs that a later deployment leaves as the service has them. */
  readonly ignores?: readonly string[];
  /** The engine refuses to delete or replace it. */
  readonly protect: boolean;
  /** It is there already and only read. */
  readonly read: boolean;
}

export interface Recording {
  readonly stack?: string;
  /** As at the first preview: what a provider computes is unknown, nothing that waits for it runs. */
  readonly preview?: boolean;
  /** What is answered for resources that are read, by name; in preview nothing is. */
  readonly reads?: (type: string, name: string) => Readonly<Record<string, unknown>>;
}

const project = 'nhs-data-lake';
/** The mark under which the SDK wraps a secret on the wire (pulumi/sdk, `runtime/rpc.ts`). */
const secretMark = '4dabf18193072939515e22adb298388d';

/** Plain values; a secret becomes `{ secret: value }`, so that a reader sees secrecy. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (fields[secretMark] !== undefined) return { secret: unwrap(fields.value) };
  return Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, unwrap(inner)]));
}

/** What the program said of a resource before the engine would hear of it. */
interface Made {
  readonly urn: string;
  readonly parent: string;
  readonly component: string;
  readonly protect: boolean;
  readonly read: boolean;
  readonly after: readonly string[];
  readonly ignores: readonly string[];
}

/**
 * Runs a program without an engine and without any provider, and gives every resource it registered, in the order in which it
 * did. What a provider would compute is made up (`made-up-outputs.ts`); nothing is asked of any service.
 *
 * One recording at a time in a process: Pulumi's runtime is global.
 *
 * @throws Error naming the resources whose inputs could not be computed, when some were made but never registered.
 */
export async function recordGraph(program: () => unknown, recording: Recording = {}): Promise<RecordedResource[]> {
  const { stack = 'test', preview = false, reads = () => ({}) } = recording;
  const made = new Map<Resource, Made>();
  const waiting = new Map<string, Made[]>();
  const recorded: RecordedResource[] = [];
  const awsxParts: AwsxPart[] = [];
  let place: MadeUpPlace | undefined;
  const note = ({ resource, type, name, opts }: ResourceTransformationArgs): undefined => {
    const above = opts.parent === undefined ? undefined : made.get(opts.parent);
    const chain = above === undefined ? type : `${typesOf(above.urn)}$${type}`;
    const urn = `urn:pulumi:${stack}::${project}::${chain}::${name}`;
    const one: Made = {
      urn,
      parent: above?.urn ?? '',
      component: resource instanceof ComponentResource ? urn : (above?.component ?? ''),
      protect: opts.protect ?? false,
      read: opts.id !== undefined,
      // Whoever hands over a promise of resources is not looked into.
      after: [opts.dependsOn ?? []].flat().flatMap((one) => made.get(one as Resource)?.urn ?? []),
      ignores: opts.ignoreChanges ?? [],
    };
    made.set(resource, one);
    const key = `${type} ${name}`;
    waiting.set(key, [...(waiting.get(key) ?? []), one]);
    return undefined;
  };
  await runtime.setMocks(
    {
      call: ({ token, inputs }) => awsxAnswer(token, inputs, awsxParts) ?? inputs,
      newResource: ({ type, name, inputs, provider, custom, id }) => {
        const one = waiting.get(`${type} ${name}`)?.shift();
        // The stack itself is made before anything can be noted.
        if (one === undefined) return { id: name, state: {} };
        if (type === 'pulumi:providers:aws') place ??= placeOfProvider(inputs);
        const answer = madeUpOutputs(type, name, inputs as Readonly<Record<string, unknown>>, place);
        const known = id === '' || id === undefined ? answer.id : id;
        const within =
          type === awsxNetwork ? awsxPartsOf(name, unwrap(inputs) as RecordedResource['inputs'], place) : [];
        awsxParts.push(...within);
        const outputs = preview ? {} : { ...answer.outputs, ...reads(type, name) };
        recorded.push({
          type,
          name,
          ...one,
          id: known,
          inputs: unwrap(inputs) as RecordedResource['inputs'],
          outputs,
          provider: provider ?? '',
          custom: custom ?? true,
        });
        for (const part of within) recorded.push(madeWithin(part, { ...one, provider: provider ?? '' }, preview));
        const [network] = within;
        const state = { ...answer.outputs, ...inputs, ...reads(type, name), ...(network && { vpcId: network.id }) };
        return { id: known, state: preview ? {} : state };
      },
    },
    project,
    stack,
    preview,
  );
  const failures = await failuresOf(async () => {
    await runtime.runInPulumiStack(async () => {
      runtime.registerStackTransformation(note);
      return program();
    });
    // Registration is asynchronous; this waits until nothing is under way.
    await runtime.disconnect();
  });
  const missing = [...waiting].flatMap(([key, left]) => left.map(() => key));
  if (failures.length === 0 && missing.length === 0) return recorded;
  const reasons = failures.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
  throw new Error([`Made by the program and never registered: ${missing.join(', ')}.`, ...new Set(reasons)].join(' '));
}

/** A part that a component's own plugin registers, with the provider and the protection that the component hands down. */
const madeWithin = (
  part: AwsxPart,
  above: Made & { readonly provider: string },
  preview: boolean,
): RecordedResource => ({
  ...part,
  urn: `${above.urn.slice(0, above.urn.lastIndexOf('::'))}$${part.type}::${part.name}`,
  outputs: preview ? {} : part.outputs,
  parent: above.urn,
  component: above.component,
  provider: above.provider,
  custom: true,
  protect: above.protect,
  read: false,
});

/**
 * What went wrong where nobody waits. Pulumi leaves an error of an `apply` to the process; the process's own listeners (a test
 * runner's among them) would end it, so they are put aside meanwhile.
 */
async function failuresOf(work: () => Promise<void>): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => void failures.push(reason));
  try {
    await work();
    // Rejections are told once the queue of promises is empty.
    await setImmediate();
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  }
  return failures;
}

const typesOf = (urn: string): string => urn.split('::')[2] ?? '';
