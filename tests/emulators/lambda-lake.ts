import { setTimeout } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionBinding } from '../../adapters/bindings';
import { lambdaManifests as manifests } from '../../functions/hosts/aws-lambda/manifests';
import type { ProxyAnswer } from '../../functions/hosts/aws-lambda/proxy-event';
import type { SqsBatchAnswer } from '../../functions/hosts/aws-lambda/sqs-batch';
import type { Ledger } from '../../functions/ingest/ledger';
import type { Manifest } from '../../functions/manifest';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import type { GoldenHost } from '../contract/golden-host';
import { LambdaInstance } from '../support/lambda-instance';
import { RestGateway } from '../support/rest-gateway';
import { pumpQueue, type SubscribedQueue } from './aws-queues';

/** Where the zones, databases, keys and topics of a lake on AWS are, and what its operator does there. */
export interface AwsHome extends Pick<GoldenHost, 'register' | 'disable' | 'auditVerifies' | 'rows'> {
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Pick<Ledger, 'unpublished'>;
  readonly sqs: SQSClient;
  /** By the name of the function that takes from it. */
  readonly queues: Readonly<Record<string, SubscribedQueue>>;
  bindingOf(manifest: Manifest): FunctionBinding;
  remove(): Promise<void>;
}

/** One round for an invocation; an import is given time. */
const remainingOf = (name: string): number => (name === 'bulk-import' ? 600_000 : 5000);

/** The Lambda host's functions behind a gateway, queues and schedules that the test plays, over some home. */
export class LambdaLake implements GoldenHost {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly #home: AwsHome;
  readonly #gateway: RestGateway;
  readonly #functions: Map<string, LambdaInstance>;
  readonly #startOne: (name: string) => Promise<LambdaInstance>;
  readonly #schedules: Promise<void>;
  #stopped = false;

  private constructor(
    home: AwsHome,
    gateway: RestGateway,
    origin: string,
    functions: Map<string, LambdaInstance>,
    startOne: (name: string) => Promise<LambdaInstance>,
  ) {
    this.#home = home;
    this.#gateway = gateway;
    this.#functions = functions;
    this.#startOne = startOne;
    this.baseUrl = `${origin}/FHIR/R4`;
    this.tokenUrl = `${origin}/oauth2/token`;
    this.#schedules = Promise.all(
      ['dispatch', 'audit-sealer', 'identity-audit-sealer', 'bulk-import'].map((name) => this.#beat(name)),
    ).then(() => undefined);
  }

  static async start(home: AwsHome): Promise<LambdaLake> {
    const functions = new Map<string, LambdaInstance>();
    const gateway = new RestGateway((path) => {
      const issuer = path.startsWith('/oauth2/') || path === '/.well-known/openid-configuration';
      return (event) => functions.get(issuer ? 'provider-access' : 'ingest')!.invoke<ProxyAnswer>(event);
    });
    const origin = await gateway.listen();
    const startOne = (name: string): Promise<LambdaInstance> => {
      const manifest = manifests.find((one) => one.name === name)!;
      const environment = {
        LAKE_BINDING: JSON.stringify(home.bindingOf(manifest)),
        LAKE_ORIGIN: origin,
        ...home.environment,
      };
      return LambdaInstance.start(name, environment, remainingOf(name));
    };
    for (const { name } of manifests) functions.set(name, await startOne(name));
    return new LambdaLake(home, gateway, origin, functions, startOne);
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
    await this.#functions.get('curate')!.invoke({ source: 'aws.scheduler' });
  }

  /** One batch of the queue of a function; gives the number of events. */
  take(name: string): Promise<number> {
    const { queues, sqs } = this.#home;
    const invoke = (batch: object) => this.#functions.get(name)!.invoke<SqsBatchAnswer>(batch);
    return pumpQueue(sqs, queues[name]!.url, invoke);
  }

  /** Kills the instance of a function, whatever it is doing; the next event meets a new one. */
  async kill(name: string): Promise<void> {
    await this.#functions.get(name)!.kill();
    this.#functions.set(name, await this.#startOne(name));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#schedules;
    await this.#gateway.close();
    for (const one of this.#functions.values()) await one.stop();
    await this.#home.remove();
  }

  async #beat(name: string): Promise<void> {
    while (!this.#stopped) {
      // A beat that failed or died is followed by the next.
      await this.#functions
        .get(name)!
        .invoke({ source: 'aws.scheduler' })
        .catch(() => undefined);
      await setTimeout(100);
    }
  }
}
