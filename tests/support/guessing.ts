import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Tokeniser } from '../../functions/privacy/tokens';

/** What an attacker supposes of one person: the number, and every text a lake might have made a value of. */
export interface Guess {
  readonly nhsNumber: string;
  /** Requests as they would have been sent with this number: method and path, body. */
  readonly requests: readonly { readonly route: string; readonly body: string }[];
  readonly providers: readonly string[];
}

const systems = ['https://fhir.nhs.uk/Id/nhs-number', 'http://fhir.nhs.net/Id/nhs-number'];
const algorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha3-256', 'blake2b512'];

/** An id that a sender made of the number; ten digits in an address the API refuses. */
export const idOf = (nhsNumber: string): string => `p${nhsNumber.slice(0, 5)}x${nhsNumber.slice(5)}`;

/** Texts that a careless lake would digest. */
function messagesOf({ nhsNumber, requests, providers }: Guess): readonly string[] {
  const spaced = `${nhsNumber.slice(0, 3)} ${nhsNumber.slice(3, 6)} ${nhsNumber.slice(6)}`;
  const joints = ['|', ' ', '/', '\x1f', '\n', ':', ''];
  return [
    nhsNumber,
    spaced,
    `Patient/${nhsNumber}`,
    idOf(nhsNumber),
    `Patient/${idOf(nhsNumber)}`,
    ...systems.flatMap((system) => joints.map((joint) => `${system}${joint}${nhsNumber}`)),
    ...providers.flatMap((provider) => joints.map((joint) => [provider, 'Patient', idOf(nhsNumber)].join(joint))),
    ...providers.flatMap((provider) => joints.map((joint) => `${provider}${joint}${nhsNumber}`)),
    ...requests.flatMap(({ route, body }) => {
      const path = route.slice(route.indexOf(' ') + 1);
      return [
        body,
        `${route}\n${body}`,
        `${path}\n${body}`,
        ...providers.map((provider) => `${provider}\n${path}\n${body}`),
      ];
    }),
  ];
}

/** Everything that can be looked for without any key. */
export function unkeyedForms(guess: Guess): readonly Buffer[] {
  return messagesOf(guess).flatMap((message) =>
    algorithms.map((algorithm) => createHash(algorithm).update(message).digest()),
  );
}

/** Everything that can be looked for with one secret: as the lake makes its values, and as others might. */
export function keyedForms(guess: Guess, secret: KeyObject): readonly Buffer[] {
  const plain = messagesOf(guess).map((message) => createHmac('sha256', secret).update(message).digest());
  if (secret.symmetricKeySize !== 32) return plain;
  const tokeniser = new Tokeniser([{ version: 1, key: secret }]);
  const tokens = [
    ...systems.map((system) => tokeniser.tokenFor(system, guess.nhsNumber)),
    ...guess.providers.map((provider) => tokeniser.rekey(provider, 'Patient', idOf(guess.nhsNumber))),
  ].map((token) => Buffer.from(token.replaceAll('.', '_'), 'base64url').subarray(1));
  const digestKey = createSecretKey(
    Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'lake request digests 1', 32)),
  );
  const digests = guess.requests.map(({ route, body }) =>
    createHmac('sha256', digestKey).update(`${route}\n${body}`).digest(),
  );
  return [...plain, ...tokens, ...digests];
}

/** Bytes of a value that are enough to know it again, however it was encoded and whatever stands before it. */
const enough = 12;
const hexLetters = /[0-9a-fA-F-]{24,}/g;
const letters = /[A-Za-z0-9+/_.-]{16,}/g;

/** A digest cut down to a UUID of some version (RFC 9562), without its dashes. */
function uuidForm(value: Buffer, version: number): string {
  const bytes = Buffer.from(value.subarray(0, enough));
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex');
}

/** Base64 at each of the three places a value may begin in it, and hexadecimal; from the bytes that no neighbour touches. */
function textForms(value: Buffer): readonly string[] {
  const forms: string[] = [value.toString('hex').slice(0, 2 * enough), ...[4, 5, 8].map((one) => uuidForm(value, one))];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), value.subarray(0, enough + 3)]).toString('base64url');
    const start = before === 0 ? 0 : before + 1;
    forms.push(text.slice(start, start + 16));
  }
  return forms;
}

/** Every 16 letters of base64 and every 24 of hexadecimal that stand anywhere in what was written, to be looked up at once. */
export class Evidence {
  readonly #windows = new Set<string>();
  readonly #raw: string[] = [];
  readonly #secrets = new Map<string, KeyObject>();

  /** @param text a file as `latin1`, or what was opened of it. */
  add(text: string): void {
    this.#raw.push(text);
    for (const [run] of text.matchAll(letters)) {
      const normal = run.replaceAll('+', '-').replaceAll(/[/.]/g, '_');
      for (let at = 0; at + 16 <= normal.length; at += 1) this.#windows.add(normal.slice(at, at + 16));
      this.#remember(run);
    }
    for (const [run] of text.matchAll(hexLetters)) {
      const hex = run.replaceAll('-', '').toLowerCase();
      for (let at = 0; at + 2 * enough <= hex.length; at += 1) this.#windows.add(hex.slice(at, at + 2 * enough));
    }
  }

  /** Whatever stood there that could be a key. */
  get secrets(): Iterable<KeyObject> {
    return this.#secrets.values();
  }

  shows(value: Buffer): boolean {
    if (textForms(value).some((form) => this.#windows.has(form))) return true;
    const bytes = value.subarray(0, enough).toString('latin1');
    return this.#raw.some((text) => text.includes(bytes));
  }

  /** Looks only at texts, for values too many to look for as bytes. */
  showsInText(value: Buffer): boolean {
    return textForms(value).some((form) => this.#windows.has(form));
  }

  #remember(run: string): void {
    for (const bytes of [Buffer.from(run, 'base64url'), Buffer.from(run, 'hex')]) {
      if (bytes.length >= 16 && bytes.length <= 64) this.#secrets.set(bytes.toString('hex'), createSecretKey(bytes));
    }
  }
}
