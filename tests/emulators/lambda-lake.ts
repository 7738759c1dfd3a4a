import { setTimeout } from 'node:timers/promises';
import type { GlueClient } from '@aws-sdk/client-glue';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { LambdaRequests } from '../../adapters/aws/lambda-requests';
import type { FunctionBinding, GlueBinding } from '../../adapters/bindings';
import type { KeyManagement } from '../../adapters/ports/key-management';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { lambdaManifests as manifests } from '../../functions/hosts/aws-lambda/manifests';
import type { ProxyAnswer } from '../../functions/hosts/aws-lambda/proxy-event';
import type { SqsBatchAnswer } from '../../functions/hosts/aws-lambda/sqs-batch';
import type { Ledger } from '../../functions/ingest/ledger';
import type { Manifest, Zone } from '../../functions/manifest';
import { operatorAccount } from '../../functions/operator/manifest';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import type { GoldenHost } from '../contract/golden-host';
import type { MortalFunction } from '../support/knative-lake';
import { LambdaInstance } from '../support/lambda-instance';
import { LambdaService } from '../support/lambda-service';
import { RestGateway } from '../support/rest-gateway';
import { pumpQueue, type SubscribedQueue } from './aws-queues';

/** Where the zones, databases, keys and topics of a lake on AWS are, and what its operator does there. */
export interface AwsHome extends Pick<GoldenHost, 'register' | 'disable' | 'auditVerifies' | 'rows'> {
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Pick<Ledger, 'unpublished'>;
  /** Both databases with the rights of their first user, the keys and every zone: what a test looks at. */
  readonly lake: StateDatabase;
  readonly identity: StateDatabase;
  readonly keys: Pick<KeyManagement, 'publicKey' | 'unwrap'>;
  readonly storeOf: (zone: Zone) => ObjectStore;
  readonly sqs: SQSClient;
  /** The Glue Data Catalog, as other engines look at it. */
  readonly glue: { readonly client: GlueClient; readonly binding: GlueBinding };
  /** By the name of the function that takes from it. */
  readonly queues: Readonly<Record<string, SubscribedQueue>>;
  bindingOf(manifest: Manifest): FunctionBinding;
  remove(): Promise<void>;
}

const workers = [
  'bulk-import',
  'marts',
  'erasure',
  'key-rotation',
  'research',
  'compaction',
  'landing-collector',
  'identity-collector',
];
/** What a gateway waits for has its time; of a beat one round for an invocation, and jobs are given theirs. */
const remainingOf = (name: string): number =>
  ['ingest', 'provider-access'].includes(name) ? 29_000 : workers.includes(name) ? 600_000 : 5000;

const desks = ['operator', 'identity-operator'];
/** People whom the stack would name. */
const operators = ['ann', 'ben'].map(operatorAccount);

/** Whether the stack would make this alias of a function: for each function that asks it, and for people at their desks. */
const hasAlias = (name: string, alias: string): boolean =>
  manifests.some(
    (one) => one.name === alias && Object.values(one.uses).some((use) => use.port === 'requests' && use.to === name),
  ) ||
  (desks.includes(name) && operators.includes(alias));

type Instances = Map<string, Promise<LambdaInstance>>;
type Start = (name: string, instead?: MortalFunction) => Promise<LambdaInstance>;

/**
 * The Lambda host's functions behind a gateway, queues, schedules and the operation Invoke that the test plays, over some home.
 * A function's instance starts with its first event.
 */
export class LambdaLake implements GoldenHost {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly #home: AwsHome;
  readonly #gateway: RestGateway;
  readonly #service: LambdaService;
  /** Where the operation Invoke is played. */
  readonly invokeEndpoint: string;
  readonly #instances: Instances;
  readonly #instanceOf: Start;
  readonly #schedules: Promise<void>;
  #stopped = false;

  private constructor(
    home: AwsHome,
    { gateway, service }: { readonly gateway: RestGateway; readonly service: LambdaService },
    { origin, endpoint }: { readonly origin: string; readonly endpoint: string },
    instances: Instances,
    instanceOf: Start,
  ) {
    this.#home = home;
    this.#gateway = gateway;
    this.#service = service;
    this.invokeEndpoint = endpoint;
    this.#instances = instances;
    this.#instanceOf = instanceOf;
    this.baseUrl = `${origin}/FHIR/R4`;
    this.tokenUrl = `${origin}/oauth2/token`;
    this.#schedules = Promise.all(
      ['dispatch', 'audit-sealer', 'identity-audit-sealer', 'bulk-import'].map((name) => this.#beat(name)),
    ).then(() => undefined);
  }

  static async start(home: AwsHome): Promise<LambdaLake> {
    const instances: Instances = new Map();
    const gateway = new RestGateway((path) => {
      const issuer = path.startsWith('/oauth2/') || path === '/.well-known/openid-configuration';
      return async (event) => (await instanceOf(issuer ? 'provider-access' : 'ingest')).invoke<ProxyAnswer>(event);
    });
    const service = new LambdaService(
      (name, alias) =>
        hasAlias(name, alias) ? async (event) => (await instanceOf(name)).invoke(event, alias) : undefined,
      home.environment.AWS_SECRET_ACCESS_KEY ?? '',
    );
    const origin = await gateway.listen();
    const endpoint = await service.listen();
    const startOne: Start = (name, instead) => {
      const manifest = manifests.find((one) => one.name === name)!;
      const bindings = Object.entries(home.bindingOf(manifest)).map(([port, binding]) => [
        port,
        binding.kind === 'lambda' ? { ...binding, endpoint } : binding,
      ]);
      const environment = {
        LAKE_BINDING: JSON.stringify(Object.fromEntries(bindings)),
        LAKE_ORIGIN: origin,
        ...home.environment,
        ...(instead === undefined ? {} : { LAKE_DIES_AT: instead.diesAt }),
      };
      return LambdaInstance.start(name, environment, remainingOf(name), instead?.script);
    };
    const instanceOf: Start = (name, instead) => {
      const found = instances.get(name) ?? startOne(name, instead);
      instances.set(name, found);
      return found;
    };
    return new LambdaLake(home, { gateway, service }, { origin, endpoint }, instances, instanceOf);
  }

  register(ods: string, scopes: readonly string[]): Promise<ProviderCredentials> {
    return this.#home.register(ods, scopes);
  }

  disable(ods: string): Promise<void> {
    return this.#home.disable(ods);
  }

  auditVerifies(): Promise<boolean> {
    return this.#home.auditVerifies();
  }

  rows(sql: string) {
    return this.#home.rows(sql);
  }

  /** The schedules empty the outbox; then the queues are taken until nothing comes, and curate beats once more. */
  async settle(): Promise<void> {
    const { ledger, queues } = this.#home;
    for (let wait = 0; (await ledger.unpublished(1)).length > 0; wait += 1) {
      if (wait > 300) throw new Error('The outbox was not emptied.');
      await setTimeout(100);
    }
    for (const name of Object.keys(queues))
      for (let quiet = 0; quiet < 2; ) quiet = (await this.take(name)) === 0 ? quiet + 1 : 0;
    await this.beat('curate');
  }

  /** One beat of a function's schedule. */
  async beat(name: string): Promise<void> {
    await (await this.#instanceOf(name)).invoke({ source: 'aws.scheduler' });
  }

  /** Lets the schedules of these functions beat while something is asked for that they do. */
  async whileBeating<Answer>(asking: Promise<Answer>, ...names: readonly string[]): Promise<Answer> {
    let over = false;
    const beats = names.map(async (name) => {
      while (!over) {
        // A beat that failed or died is followed by the next.
        await this.beat(name).catch(() => undefined);
        await setTimeout(200);
      }
    });
    try {
      return await asking;
    } finally {
      over = true;
      await Promise.all(beats);
    }
  }

  /** Invokes a function past every policy, by an alias or by none: what its own code says to that. */
  async invoke(name: string, event: object, alias?: string): Promise<unknown> {
    return (await this.#instanceOf(name)).invoke(event, alias);
  }

  /** What a person asks at a desk, signed as the command line does it; IAM would besides look at whose signature it is. */
  ask(operator: string, desk: string, method: string, input: unknown = {}): Promise<unknown> {
    Object.assign(process.env, this.#home.environment);
    const binding = { kind: 'lambda', region: 'eu-west-2', functionName: desk, endpoint: this.invokeEndpoint } as const;
    return new LambdaRequests({ ...binding, qualifier: operatorAccount(operator) }).ask({ method, input });
  }

  /** One batch of the queue of a function; gives the number of events. */
  take(name: string): Promise<number> {
    const { queues, sqs } = this.#home;
    const invoke = async (batch: object) => (await this.#instanceOf(name)).invoke<SqsBatchAnswer>(batch);
    return pumpQueue(sqs, queues[name]!.url, invoke);
  }

  /**
   * Kills the instance of a function, whatever it is doing; the next event meets a new one.
   *
   * @param instead of the function's own bundle: another script, told where to die
   */
  async kill(name: string, instead?: MortalFunction): Promise<void> {
    const instance = await this.#instances.get(name);
    this.#instances.delete(name);
    await instance?.kill();
    if (instead !== undefined) await this.#instanceOf(name, instead);
  }

  /** Waits for the instance of a function to die. */
  async ended(name: string): Promise<void> {
    await (await this.#instanceOf(name)).ended();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#schedules;
    await this.#gateway.close();
    for (const one of this.#instances.values()) await (await one).stop();
    await this.#service.close();
    await this.#home.remove();
  }

  async #beat(name: string): Promise<void> {
    while (!this.#stopped) {
      // A beat that failed or died is followed by the next.
      await this.beat(name).catch(() => undefined);
      await setTimeout(100);
    }
  }
}
