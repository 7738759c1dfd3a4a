import type { Replayed } from '../../identity/quarantine-review';
import { operate } from '../lake-access';
import { tableText } from '../table-text';
import { operatorOptions, UsageError, type Verb } from '../verb';

export const quarantineListVerb: Verb = {
  name: 'identity quarantine list',
  usage: '[--json]',
  summary: 'Messages held for review inside the identity zone: from whom, since when, by which rule.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const held = await operate(options, 'heldMessages');
    if (json) terminal.out(`${JSON.stringify(held)}\n`);
    else if (held.length === 0) terminal.out('no message is held\n');
    else terminal.out(tableText(held.map(({ reasons, ...rest }) => ({ ...rest, reasons: reasons.length }))));
    return 0;
  },
};

export const quarantineExplainVerb: Verb = {
  name: 'identity quarantine explain',
  usage: 'TRACKING-ID [--json]',
  most: 1,
  summary: 'Why a message is held: the code of each rule and the path of the element, never what stands there.',
  options: operatorOptions,
  async run({ positionals: [tracking], options, json, terminal }) {
    if (tracking === undefined) throw new UsageError('Name the tracking id of a held message.');
    const message = (await operate(options, 'heldMessages')).find((one) => one.tracking === tracking);
    if (message === undefined) {
      terminal.error(
        'No message is held under this tracking id. `lake identity quarantine list` shows those there are.\n',
      );
      return 1;
    }
    if (json) terminal.out(`${JSON.stringify(message)}\n`);
    else {
      terminal.out(`${message.interaction} of ${message.provider}, held since ${message.heldSince}\n`);
      for (const reason of message.reasons) terminal.out(`  ${explained(reason)}\n`);
    }
    return 0;
  },
};

const meaning: Readonly<Record<string, string>> = {
  'nhs-number-invalid':
    'an NHS number fails its check digit; ask the sender, or replay with --accept-nhs-number to take it unverified',
};

function explained(reason: string): string {
  const [code = '', path = ''] = reason.split(' ');
  return `${path}: ${code}${meaning[code] === undefined ? '' : ` (${meaning[code]})`}`;
}

export const quarantineReplayVerb: Verb = {
  name: 'identity quarantine replay',
  usage: '(TRACKING-ID… | --all) [--accept-nhs-number] [--json]',
  long: true,
  most: Number.POSITIVE_INFINITY,
  summary:
    "Does what held messages asked for, under today's rules: after a rule, a profile package or a provider's policy changed. Safe to repeat.",
  options: {
    ...operatorOptions,
    all: { type: 'boolean', help: 'every held message' },
    'accept-nhs-number': { type: 'boolean', help: 'take NHS numbers that fail their check digit, as not verified' },
  },
  async run({ positionals, options, json, terminal }) {
    if ((options.all === true) === positionals.length > 0) throw new UsageError('Name tracking ids, or --all.');
    const trackings =
      options.all === true ? (await operate(options, 'heldMessages')).map(({ tracking }) => tracking) : positionals;
    const replayed: Replayed[] = [];
    for (const [index, tracking] of trackings.entries()) {
      const one = await operate(options, 'replayHeld', tracking, {
        acceptNhsNumber: options['accept-nhs-number'] === true,
      });
      replayed.push(one);
      if (!json)
        terminal.out(`${index + 1}/${trackings.length} ${one.tracking} ${one.status} ${one.reasons.join(' ')}\n`);
    }
    if (json) terminal.out(`${JSON.stringify(replayed)}\n`);
    return replayed.every(({ status }) => status === 'stored') ? 0 : 1;
  },
};
