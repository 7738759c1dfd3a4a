import { operate } from '../lake-access';
import { nhsNumberLines } from '../nhs-number-file';
import { tableText } from '../table-text';
import { operatorOptions, requiredOption, textOption, UsageError, type Verb } from '../verb';

export const retentionReportVerb: Verb = {
  name: 'retention report',
  usage: '[--at TIME] [--json]',
  summary: 'What the retention schedule would expire, now or at another time. Changes nothing.',
  options: { ...operatorOptions, at: { type: 'string', value: 'TIME', help: 'as of when (RFC 3339; default now)' } },
  async run({ options, json, terminal }) {
    const report = await operate(options, 'retentionReport', { at: textOption(options, 'at') });
    const { records, next, quarantine, imports } = report;
    if (json) terminal.out(`${JSON.stringify(report)}\n`);
    else {
      terminal.out(
        `${records.due} records are due, ${records.held} more are under a legal hold, ${records.kept} are kept\n`,
      );
      terminal.out(
        `${records.undecided} of them until somebody decides; ${next === undefined ? 'no other has an end' : `the next ends ${next}`}\n`,
      );
      terminal.out(`due besides: ${quarantine} held messages, ${imports} objects of imports\n`);
    }
    return 0;
  },
};

export const retentionRunVerb: Verb = {
  name: 'retention run',
  usage: '[--json]',
  long: true,
  summary:
    'Expires what is past its time, as it happens each night: from every zone, table and history, with a signed certificate. Cannot be undone.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const done = await operate(options, 'expire');
    if (json) terminal.out(`${JSON.stringify(done)}\n`);
    else {
      const { records, quarantine, imports, certificates } = done;
      terminal.out(`expired ${records} records, ${quarantine} held messages, ${imports} objects of imports\n`);
      for (const id of certificates) terminal.out(`certificate ${id}\n`);
    }
    return 0;
  },
};

export const retentionHoldVerb: Verb = {
  name: 'retention hold',
  usage: '(--patient ID[,ID…] | --nhs-number-file FILE | --provider CODE) --reference TEXT [--json]',
  summary:
    'Puts a person or a provider under a legal hold: nothing of theirs is expired or erased until it is released.',
  options: {
    ...operatorOptions,
    patient: { type: 'string', value: 'IDS', help: 'Patient ids as curated tables and marts show them' },
    'nhs-number-file': { type: 'string', value: 'FILE', help: 'NHS numbers, one a line; - reads standard input' },
    provider: { type: 'string', value: 'CODE', help: 'ODS code of a provider' },
    reference: { type: 'string', value: 'TEXT', help: 'the inquiry or case that asks for it; names nobody' },
  },
  async run({ options, json, terminal }) {
    const file = textOption(options, 'nhs-number-file');
    const patients = (textOption(options, 'patient') ?? '').split(',').filter((one) => one !== '');
    const provider = textOption(options, 'provider');
    if (file === undefined && patients.length === 0 && provider === undefined)
      throw new UsageError('Say whom: --patient, --nhs-number-file or --provider.');
    const holds = await operate(options, 'hold', {
      nhsNumbers: file === undefined ? [] : nhsNumberLines(file).flat(),
      patients,
      provider,
      reference: requiredOption(options, 'reference'),
    });
    terminal.out(json ? `${JSON.stringify(holds)}\n` : tableText(holds.map((hold) => ({ ...hold }))));
    return 0;
  },
};

export const retentionReleaseVerb: Verb = {
  name: 'retention release',
  usage: 'HOLD-ID [--json]',
  most: 1,
  summary: 'Ends a legal hold.',
  options: operatorOptions,
  async run({ positionals: [id], options, json, terminal }) {
    if (id === undefined) throw new UsageError('Name a hold. `lake retention holds` shows those there are.');
    const holds = await operate(options, 'releaseHold', { id });
    terminal.out(json ? `${JSON.stringify(holds)}\n` : `released; ${holds.length} holds are left\n`);
    return 0;
  },
};

export const retentionHoldsVerb: Verb = {
  name: 'retention holds',
  usage: '[--json]',
  summary: 'The legal holds: on whom or what, for what, since when.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const holds = await operate(options, 'holds');
    if (!json && holds.length === 0) terminal.out('there is no legal hold\n');
    else terminal.out(json ? `${JSON.stringify(holds)}\n` : tableText(holds.map((hold) => ({ ...hold }))));
    return 0;
  },
};
