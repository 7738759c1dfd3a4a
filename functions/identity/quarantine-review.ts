import { isLakeError, LakeError } from '../../adapters/ports/errors';
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

export interface ReviewServices {
  readonly store: Pick<ObjectStore, 'read' | 'list' | 'delete'>;
  readonly open: (sealed: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;
  readonly register: Pick<IdentityRegister, 'record' | 'replayed'>;
}

const prefix = 'quarantine/';
const objectName = /^quarantine\/([A-Z0-9]+)\/([0-9a-f-]{36})\.json$/;

/** What a person does with messages that the split did not understand. Each look is recorded in the identity zone's audit. */
export class QuarantineReview {
  readonly #services: ReviewServices;

  constructor(services: ReviewServices) {
    this.#services = services;
  }

  async list(): Promise<readonly HeldMessage[]> {
    const held: HeldMessage[] = [];
    for await (const { key, lastModified } of this.#services.store.list(prefix)) {
      const message = await this.#open(key);
      if (message !== undefined) held.push(shown(message, lastModified));
    }
    await this.#record('lake identity quarantine list', held.length);
    return held.sort((a, b) => (a.heldSince < b.heldSince ? -1 : 1));
  }

  /**
   * Opens one message for a replay.
   *
   * @throws LakeError `NotFound` when nothing is held under this tracking id.
   */
  async take(tracking: string): Promise<QuarantinedMessage> {
    const key = await this.#keyOf(tracking);
    const message = key === undefined ? undefined : await this.#open(key);
    if (message === undefined) throw notHeld();
    await this.#record('lake identity quarantine replay', 1);
    return message;
  }

  /** Removes a message that was replayed: its sealed original now lies with what was landed. */
  async settle({ provider, tracking, requestId }: MessageOrigin): Promise<void> {
    await this.#services.register.replayed({ provider, tracking, requestId });
    await this.remove({ provider, tracking });
  }

  /** The held messages that name one of these NHS numbers, however it is spaced. */
  async naming(numbers: readonly string[]): Promise<readonly MessageOrigin[]> {
    const found: MessageOrigin[] = [];
    for await (const { key } of this.#services.store.list(prefix)) {
      const message = await this.#open(key);
      const body = message?.body.replaceAll(/(?<=\d)[ -](?=\d)/g, '') ?? '';
      if (message !== undefined && numbers.some((number) => body.includes(number)))
        found.push({ provider: message.provider, tracking: message.tracking, requestId: message.requestId });
    }
    return found;
  }

  /** Harmless when it is gone already. */
  async remove({ provider, tracking }: Pick<MessageOrigin, 'provider' | 'tracking'>): Promise<void> {
    try {
      await this.#services.store.delete(`${prefix}${provider}/${tracking}.json`);
    } catch (error) {
      if (!isLakeError(error, 'NotFound')) throw error;
    }
  }

  async #keyOf(tracking: string): Promise<string | undefined> {
    for await (const { key } of this.#services.store.list(prefix)) {
      if (objectName.exec(key)?.[2] === tracking) return key;
    }
    return undefined;
  }

  async #open(key: string): Promise<QuarantinedMessage | undefined> {
    const provider = objectName.exec(key)?.[1];
    if (provider === undefined) return undefined;
    const { store, open } = this.#services;
    const plain = await open(await store.read(key), { zone: 'identity', provider, retention: 'quarantine' });
    return JSON.parse(Buffer.from(plain).toString('utf8')) as QuarantinedMessage;
  }

  #record(action: string, count: number): Promise<void> {
    const record: AuditRecord = {
      recorded: new Date().toISOString(),
      event: 'restrictedFunction',
      action,
      agent: { kind: 'operator', id: 'local' },
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
