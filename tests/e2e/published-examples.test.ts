import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningLake } from '../support/running-lake';
import { RunningLake as Lake, type Sender } from '../support/running-lake';
import { expectationOf, type Outcome } from './published-expectations';

interface Resource {
  readonly resourceType: string;
  readonly id?: string;
  readonly type?: string;
  readonly sender?: { readonly reference?: string; readonly identifier?: { readonly value?: string } };
  readonly identifier?: readonly { readonly system?: string; readonly value?: string }[];
  readonly entry?: readonly { readonly fullUrl?: string; readonly resource?: Resource }[];
}

interface Sent {
  readonly outcome: Outcome;
  /** Code and place of each issue, for the message of a failure: no value of the file. */
  readonly issues: readonly string[];
}

interface Answer {
  readonly issue?: readonly { readonly code: string; readonly expression?: readonly string[] }[];
  readonly entry?: readonly { readonly response: { readonly status: string; readonly outcome?: Answer } }[];
}

const data = join(process.env.LAKE_SHARED ?? join(__dirname, '..', '..', '..', 'shared'), 'data');
const folders = ['examples', join('ukcore', 'package', 'example')];
const ods = 'https://fhir.nhs.uk/Id/ods-organization-code';
const linesPerBatch = 500;
/** References are conditional and the resources they name must be there: a bulk export is sent from the referred on. */
const referred = /(?:Organization|Location|Practitioner)\.\d+\.ndjson$/;

const outcomeOf = (status: number): Outcome =>
  status === 202 ? 'quarantined' : status < 300 ? 'accepted' : status < 500 ? 'refused' : 'failed';

const issuesOf = ({ issue = [] }: Answer): readonly string[] =>
  issue.map(({ code, expression }) => `${code} ${expression?.[0] ?? ''}`);

/** The organisation a message says it comes from. */
function senderOf({ entry = [] }: Resource): string | undefined {
  const header = entry.find(({ resource }) => resource?.resourceType === 'MessageHeader')?.resource;
  const reference = header?.sender?.reference;
  const named = entry.find(
    ({ fullUrl, resource }) => fullUrl === reference || `${resource?.resourceType}/${resource?.id}` === reference,
  )?.resource;
  return header?.sender?.identifier?.value ?? named?.identifier?.find(({ system }) => system === ods)?.value;
}

const pathOf = ({ resourceType, type }: Resource): string => {
  if (resourceType !== 'Bundle') return `/${resourceType}`;
  if (type === 'transaction' || type === 'batch') return '';
  return type === 'message' ? '/$process-message' : '/Bundle';
};

describe('published examples through the API', () => {
  let running: RunningLake;
  const senders = new Map<string, Promise<Sender>>();

  before(async function () {
    if (!folders.every((folder) => existsSync(join(data, folder)))) {
      process.stderr.write('skipped: the example data are not there (LAKE_SHARED)\n');
      this.skip();
    }
    running = await Lake.start();
  });
  after(() => running?.remove());

  /** Each organisation that sends has credentials of its own; what names no sender comes from one practice. */
  const senderFor = (code: string): Promise<Sender> => {
    const known = senders.get(code) ?? running.provider(code, { nhsNumberPolicy: 'flag' });
    senders.set(code, known);
    return known;
  };

  async function send(file: string): Promise<Sent> {
    const text = readFileSync(file, 'utf8');
    const resource = JSON.parse(text) as Resource;
    const sender = await senderFor((resource.type === 'message' ? senderOf(resource) : undefined) ?? 'L99001');
    const response = await sender.request('POST', pathOf(resource), text);
    const answer = JSON.parse((await response.text()) || '{}') as Answer;
    const nothingTaken = answer.entry?.every(({ response: { status } }) => status.startsWith('4')) === true;
    return { outcome: nothingTaken ? 'refused' : outcomeOf(response.status), issues: issuesOf(answer) };
  }

  /** Lines of NDJSON by batches, so that each stands alone; a batch that names no resource type is refused as one, with all its lines. */
  async function sendLines(file: string): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const resources = lines.map((line) => JSON.parse(line) as Resource);
    for (let start = 0; start < resources.length; start += linesPerBatch) {
      const entry = resources.slice(start, start + linesPerBatch).map((resource) => ({
        resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      }));
      const sender = await senderFor('L99002');
      const response = await sender.request('POST', '', { resourceType: 'Bundle', type: 'batch', entry });
      const answer = JSON.parse(await response.text()) as Answer;
      const whole = { outcome: outcomeOf(response.status), issues: issuesOf(answer) };
      const each = answer.entry?.map(({ response: { status, outcome = {} } }) => ({
        outcome: outcomeOf(Number.parseInt(status, 10)),
        issues: issuesOf(outcome),
      }));
      sent.push(...(each ?? entry.map(() => whole)));
    }
    return sent;
  }

  it('end as their specification says, file by file', async function () {
    this.timeout(120_000);
    const differing: string[] = [];
    const totals: Record<string, number> = {};
    for (const folder of folders) {
      const files = readdirSync(join(data, folder), { recursive: true, encoding: 'utf8' });
      const named = files.filter((name) => /\.(?:nd)?json$/.test(name)).sort();
      for (const file of [
        ...named.filter((name) => referred.test(name)),
        ...named.filter((name) => !referred.test(name)),
      ]) {
        const path = join(data, folder, file);
        const sent = file.endsWith('.ndjson') ? await sendLines(path) : [await send(path)];
        const expected = expectationOf(file)?.outcome ?? 'accepted';
        for (const { outcome, issues } of sent) {
          totals[outcome] = (totals[outcome] ?? 0) + 1;
          if (outcome !== expected)
            differing.push(`${file}: ${outcome}, not ${expected}: ${issues.slice(0, 3).join('; ')}`);
        }
      }
    }
    assert.deepEqual(differing, []);
    assert.ok(totals.accepted! > 5_000 && totals.refused! > 40, JSON.stringify(totals));
    assert.deepEqual(running.failures, []);
  });
});
