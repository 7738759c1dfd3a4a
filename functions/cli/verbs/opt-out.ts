import { readFileSync, writeFileSync } from 'node:fs';
import { optOutListNames } from '../../identity/opt-out-store';
import { operateIdentity } from '../lake-access';
import { tableText } from '../table-text';
import { operatorOptions, requiredOption, UsageError, type Verb } from '../verb';

export const optOutLoadVerb: Verb = {
  name: 'identity opt-out load',
  usage: '--list (national | type-1) --file FILE --as-of TIME --longest-age-days N [--json]',
  summary:
    'Replaces an opt-out list. national: the answer of the check service, who may be used; type-1: dissents that practices recorded, who may not. Missing or too old, nothing is released.',
  options: {
    ...operatorOptions,
    list: { type: 'string', value: 'NAME', help: 'national or type-1' },
    file: { type: 'string', value: 'FILE', help: 'the list' },
    'as-of': { type: 'string', value: 'TIME', help: 'when the list was answered or extracted (RFC 3339)' },
    'longest-age-days': { type: 'string', value: 'N', help: 'how long it may be relied on; there is no default' },
  },
  async run({ options, json, terminal }) {
    const name = optOutListNames.find((one) => one === requiredOption(options, 'list'));
    if (name === undefined) throw new UsageError('--list is national or type-1.');
    const lists = await operateIdentity(options, 'loadOptOuts', {
      name,
      asOf: requiredOption(options, 'as-of'),
      longestAgeDays: Number(requiredOption(options, 'longest-age-days')),
      text: readFileSync(requiredOption(options, 'file'), 'utf8'),
    });
    terminal.out(json ? `${JSON.stringify(lists)}\n` : tableText(lists.map((list) => ({ ...list }))));
    return 0;
  },
};

export const optOutStatusVerb: Verb = {
  name: 'identity opt-out status',
  usage: '[--json]',
  summary: 'The opt-out lists that are loaded: of when, how many people, how long they may be relied on.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const lists = await operateIdentity(options, 'optOutLists', undefined);
    if (!json && lists.length === 0) terminal.out('no list is loaded: nothing is released for planning or research\n');
    else terminal.out(json ? `${JSON.stringify(lists)}\n` : tableText(lists.map((list) => ({ ...list }))));
    return 0;
  },
};

export const optOutAskVerb: Verb = {
  name: 'identity opt-out ask',
  usage: '--out FILE',
  summary:
    'Writes the question to the national check service, a file for MESH: every verified NHS number the lake holds.',
  options: {
    ...operatorOptions,
    out: { type: 'string', value: 'FILE', help: 'where to write it (mode 600, must not exist)' },
  },
  async run({ options, json, terminal }) {
    const out = requiredOption(options, 'out');
    writeFileSync(out, await operateIdentity(options, 'askOptOuts', undefined), { mode: 0o600, flag: 'wx' });
    terminal.out(json ? `${JSON.stringify({ file: out })}\n` : `written to ${out}\n`);
    return 0;
  },
};
