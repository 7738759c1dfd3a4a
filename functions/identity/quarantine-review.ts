import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { AuditRecord } from '../audit/audit-record';
import type { QuarantinedMessage } from '../ingest/quarantine';
import type { IdentityRegister, MessageOrigin } from './identity-register';

/** A held message as a person may see it: why and since when, never what is in it. */
export interface HeldMessage {
  readonly tracking: string;
  readonly provider: string;
  readonly requestId: string;
  /** Method and place, without an id. */
  readonly interaction: string;
  /** RFC 3339. */
  readonly heldSince: string;
  /** Code of the rule and path of the element. */
  readonly reasons: readonly string[];
}

export interface ReplayOptions {
  /** Take NHS numbers that fail their check digit as they are, marked as not verified. */
  readonly acceptNhsNumber: boolean;
}

export interface Replayed {
  readonly tracking: string;
  readonly status: 'stored' | 'held' | 'refused';
  /** What was stored: types and versions. */
  readonly resources: readonly { readonly type: string; readonly version: number }[];
  /** Why not, when it was not. */
  readonly reasons: readonly string[];
}

export interface ReviewServices {
  readonly store: Pick<ObjectStore, (typeof heldOperations)[number]>;
  readonly open: (sealed: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;
  readonly register: Pick<IdentityRegister, 'record' | 'replayed'>;
}

/** Where they lie in the identity zone, a folder for each provider; whoever reviews them is given this part as a store by itself. */
export const heldFolder = 'quarantine/';
/** What reviewing them does there. */
export const heldOperations = ['read', 'list', 'delete', 'purgeVersions'] as const;
const objectName = /^([A-Z0-9]+)\/([0-9a-f-]{36})\.json$/;

type Open = ReviewServices['open'];

const heldKey = ({ provider, tracking }: Pick<MessageOrigin, 'provider' | 'tracking'>): string =>
  `${provider}/${tracking}.json`;

/** Opens one held message. @throws LakeError `NotFound` when it is gone. */
export async function openHeld(
  store: Pick<ObjectStore, 'read'>,
  open: Open,
  origin: Pick<MessageOrigin, 'provider' | 'tracking'>,
): Promise<QuarantinedMessage> {
  const sealed = await store.read(heldKey(origin));
  const plain = await open(sealed, { zone: 'identity', provider: origin.provider, retention: 'quarantine' });
  return JSON.parse(Buffer.from(plain).toString('utf8')) as QuarantinedMessage;
}

/** What a person does with messages that the split did not understand. Each look is recorded in the identity zone's audit. */
export class QuarantineReview {
  readonly #services: ReviewServices;

  constructor(services: ReviewServices) {
    this.#services = services;
  }

  /** @param who the person who looks */
  async list(who: string): Promise<readonly HeldMessage[]> {
    const held: HeldMessage[] = [];
    for await (const { key, lastModified } of this.#services.store.list('')) {
      const message = await this.#open(key);
      if (message !== undefined) held.push(shown(message, lastModified));
    }
    await this.#record('lake identity quarantine list', who, held.length);
    return held.sort((a, b) => (a.heldSince < b.heldSince ? -1 : 1));
  }

  /**
   * Has one message replayed and, once what it asked for is stored, taken away. Cut off between the two it is replayed again, which
   * stores nothing twice.
   *
   * @throws LakeError `NotFound` when nothing is held under this tracking id.
   */
  async replay(
    tracking: string,
    who: string,
    replay: (message: MessageOrigin) => Promise<Replayed>,
  ): Promise<Replayed> {
    const message = await this.#find(tracking);
    if (message === undefined) throw notHeld();
    await this.#record('lake identity quarantine replay', who, 1);
    const replayed = await replay(message);
    if (replayed.status === 'stored') await this.#settle(message);
    return replayed;
  }

  /** Removes a message that was replayed: its sealed original now lies with what was landed. */
  async #settle({ provider, tracking, requestId }: MessageOrigin): Promise<void> {
    await this.#services.register.replayed({ provider, tracking, requestId });
    await this.remove({ provider, tracking });
  }

  /** The held messages that name one of these NHS numbers, however it is spaced. */
  async naming(numbers: readonly string[]): Promise<readonly MessageOrigin[]> {
    const found: MessageOrigin[] = [];
    for await (const { key } of this.#services.store.list('')) {
      const message = await this.#open(key);
      const body = message?.body.replaceAll(/(?<=\d)[ -](?=\d)/g, '') ?? '';
      if (message !== undefined && numbers.some((number) => body.includes(number)))
        found.push({ provider: message.provider, tracking: message.tracking, requestId: message.requestId });
    }
    return found;
  }

  /** With what a store that keeps versions has of it. Harmless when it is gone already. */
  async remove(message: Pick<MessageOrigin, 'provider' | 'tracking'>): Promise<void> {
    const { store } = this.#services;
    const key = heldKey(message);
    await store.delete(key);
    await store.purgeVersions(key);
  }

  async #find(tracking: string): Promise<QuarantinedMessage | undefined> {
    for await (const { key } of this.#services.store.list('')) {
      if (objectName.exec(key)?.[2] === tracking) return this.#open(key);
    }
    return undefined;
  }

  async #open(key: string): Promise<QuarantinedMessage | undefined> {
    const [, provider, tracking] = objectName.exec(key) ?? [];
    if (provider === undefined || tracking === undefined) return undefined;
    const { store, open } = this.#services;
    return openHeld(store, open, { provider, tracking });
  }

  #record(action: string, who: string, count: number): Promise<void> {
    const record: AuditRecord = {
      recorded: new Date().toISOString(),
      event: 'restrictedFunction',
      action,
      agent: { kind: 'operator', id: who },
      outcome: { result: 'allowed', code: 'reviewed' },
      entities: [{ type: 'held-message', count }],
      purpose: 'HOPERAT',
    };
    return this.#services.register.record(record);
  }
}

const notHeld = (): LakeError =>
  new LakeError(
    'NotFound',
    'No message is held under this tracking id. `lake identity quarantine list` shows those there are.',
  );

/** The route as it was sent may carry an id the provider chose: its shape is enough for a person. */
const shown = ({ tracking, provider, requestId, route, reasons }: QuarantinedMessage, since: Date): HeldMessage => {
  const [method = '', path = ''] = route.split(' ');
  const place = path.replace(/^.*\/FHIR\/R4\/?/, '').split('/');
  return {
    tracking,
    provider,
    requestId,
    interaction: `${method} ${place[0] === '' ? 'Bundle' : place[0]}${place.length > 1 ? '/{id}' : ''}`,
    heldSince: since.toISOString(),
    reasons,
  };
};
