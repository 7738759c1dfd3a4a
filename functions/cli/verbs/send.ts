import type { KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LakeError } from '../../../adapters/ports/errors';
import { credentialsOf } from '../lake-access';
import { progressOn } from '../progress';
import { senderAddress, stackOption } from '../sender-address';
import { sendBulk } from '../sending/bulk-sender';
import { LakeClient, reasonsOf, type SendResult, type SendStatus } from '../sending/lake-client';
import { type Outgoing, outgoingNdjson, outgoingResource } from '../sending/outgoing';
import { requestIdKey } from '../sending/request-ids';
import { tokenSource } from '../token-source';
import { requiredOption, UsageError, type Verb } from '../verb';

interface FileResult {
  readonly file: string;
  readonly status: SendStatus;
  readonly outcome: unknown;
}

export interface SendTotals {
  accepted: number;
  refused: number;
  quarantined: number;
  duplicate: number;
  readonly files: FileResult[];
}

/** Requests on their way at the same time; files of one call may be sent in any order. */
const parallel = 4;

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|ndjson)$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function* outgoingOf(idKey: KeyObject, file: string): Iterable<Outgoing> {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.ndjson')) yield* outgoingNdjson(idKey, text.split('\n'));
  else yield outgoingResource(idKey, text);
}

function statusOf(results: readonly SendResult[]): SendStatus {
  const kinds = [...new Set(results.map(({ status }) => status))];
  return kinds.length === 1
    ? kinds[0]!
    : kinds.length === 0
      ? 'accepted'
      : kinds.includes('failed')
        ? 'failed'
        : 'mixed';
}

/** Sends files as a provider's system would; gives what became of each. */
export async function sendFiles(
  client: LakeClient,
  idKey: KeyObject,
  files: readonly string[],
  progress: (done: number) => void = () => undefined,
): Promise<SendTotals> {
  const totals: SendTotals = { accepted: 0, refused: 0, quarantined: 0, duplicate: 0, files: [] };
  const waiting = [...files];
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const results: SendResult[] = [];
      for (const outgoing of outgoingOf(idKey, file)) {
        const result = await client.send(outgoing);
        results.push(result);
        for (const kind of ['accepted', 'refused', 'quarantined', 'duplicate'] as const) totals[kind] += result[kind];
      }
      const status = statusOf(results);
      totals.files.push({
        file,
        status,
        outcome: results.length === 1 ? (results[0]!.outcome ?? null) : results.map(({ outcome }) => outcome ?? null),
      });
      done += 1;
      progress(done);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  totals.files.sort((left, right) => (left.file < right.file ? -1 : 1));
  return totals;
}

const shownReasons = 5;

/** Why, for a person: the first reasons of a file. */
function reasonText(outcome: unknown): string {
  const told = (outcome as { readonly reasons?: readonly string[] } | null)?.reasons;
  const reasons = told ?? [outcome].flat().flatMap(reasonsOf);
  const more = reasons.length - shownReasons;
  const shown = more > 0 ? [...reasons.slice(0, shownReasons), `and ${more} more: --json shows them`] : reasons;
  return shown.map((reason) => `             ${reason}\n`).join('');
}

export const sendVerb: Verb = {
  name: 'send',
  usage: 'PATH… --provider CODE [--bulk] [--stack NAME]',
  most: Number.POSITIVE_INFINITY,
  summary:
    'Sends resources, Bundles, NDJSON files or folders of them through the HTTP API. Sending again sends nothing twice.',
  options: {
    provider: { type: 'string', value: 'CODE', help: 'ODS code, or the file of its credentials' },
    bulk: {
      type: 'boolean',
      help: 'send each NDJSON file as one bulk import ($import), other files as always; sent again, its lines are stored again',
    },
    ...stackOption,
  },
  async run({ positionals, options, json, terminal }) {
    if (positionals.length === 0) throw new UsageError('Name at least one file or folder.');
    const credentials = credentialsOf(options, requiredOption(options, 'provider'));
    const address = await senderAddress(options);
    const files = positionals.flatMap(filesUnder);
    if (files.length === 0)
      throw new LakeError('NotFound', 'The folder holds nothing to send: no file whose name ends in .json or .ndjson.');
    const settings = { baseUrl: address.baseUrl, token: tokenSource(credentials, address.tokenUrl) };
    const say = progressOn(terminal);
    const isBulk = (file: string): boolean => options.bulk === true && file.endsWith('.ndjson');
    const single = files.filter((file) => !isBulk(file));
    const totals = await sendFiles(new LakeClient(settings), requestIdKey(credentials), single, (done) =>
      say(`sent ${done} of ${single.length} files`, done / single.length),
    );
    for (const file of files.filter(isBulk)) {
      const { lines, reasons, ...counts } = await sendBulk(settings, file, (said) => say(`${file}: ${said}`));
      for (const kind of ['accepted', 'refused', 'quarantined', 'duplicate'] as const) totals[kind] += counts[kind];
      const kinds = (['accepted', 'refused', 'quarantined', 'duplicate'] as const).filter((kind) => counts[kind] > 0);
      totals.files.push({
        file,
        status: kinds.length > 1 ? 'mixed' : (kinds[0] ?? 'accepted'),
        outcome: { lines, ...counts, reasons },
      });
    }
    say.end();
    if (json) terminal.out(`${JSON.stringify(totals)}\n`);
    else {
      for (const { file, status, outcome } of totals.files)
        terminal.out(`${status.padEnd(12)} ${file}\n${reasonText(outcome)}`);
      terminal.out(
        `${totals.accepted} accepted, ${totals.refused} refused, ${totals.quarantined} quarantined, ${totals.duplicate} duplicate\n`,
      );
    }
    return totals.refused === 0 && totals.files.every(({ status }) => status !== 'failed') ? 0 : 1;
  },
};
