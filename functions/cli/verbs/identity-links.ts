import { operateIdentity } from '../lake-access';
import { nhsNumberLines } from '../nhs-number-file';
import { type Options, operatorOptions, requiredOption, textOption, UsageError, type Verb } from '../verb';

const patientOption = {
  type: 'string',
  value: 'ID',
  help: 'the patient, by the id that curated tables show',
} as const;

const patientRef = (options: Options): string =>
  `Patient/${requiredOption(options, 'patient').replace(/^Patient\//, '')}`;

const told = (changed: number): string => `${changed} link${changed === 1 ? '' : 's'} changed\n`;

export const linkVerb: Verb = {
  name: 'identity link',
  usage: '--patient ID (--nhs-number-file FILE | --as-claimed) [--json]',
  summary:
    'Says that a patient bears a verified NHS number, whatever the provider sent; --as-claimed takes earlier decisions about the patient back.',
  options: {
    ...operatorOptions,
    patient: patientOption,
    'nhs-number-file': { type: 'string', value: 'FILE', help: 'the number, alone in a file; - reads standard input' },
    'as-claimed': { type: 'boolean', help: 'follow again what the provider claims' },
  },
  async run({ options, json, terminal }) {
    const file = textOption(options, 'nhs-number-file');
    if ((file === undefined) === (options['as-claimed'] !== true))
      throw new UsageError('Give --nhs-number-file, or --as-claimed.');
    const numbers = file === undefined ? [] : nhsNumberLines(file).flat();
    if (file !== undefined && numbers.length !== 1) throw new UsageError('The file holds one NHS number.');
    const result = await operateIdentity(options, 'decideLink', {
      patientRef: patientRef(options),
      kind: file === undefined ? 'withdrawn' : 'bears',
      nhsNumber: numbers[0],
    });
    terminal.out(json ? `${JSON.stringify(result)}\n` : told(result.changed));
    return 0;
  },
};

export const unlinkVerb: Verb = {
  name: 'identity unlink',
  usage: '--patient ID [--json]',
  summary:
    'Says that a patient does not bear the NHS number the provider claims: puts them apart, until another number is claimed.',
  options: { ...operatorOptions, patient: patientOption },
  async run({ options, json, terminal }) {
    const result = await operateIdentity(options, 'decideLink', {
      patientRef: patientRef(options),
      kind: 'apart',
      nhsNumber: undefined,
    });
    terminal.out(json ? `${JSON.stringify(result)}\n` : told(result.changed));
    return 0;
  },
};

export const supersedeVerb: Verb = {
  name: 'identity supersede',
  usage: '--file FILE [--json]',
  summary:
    'NHS numbers that were replaced: on each line the old one and the new one; an old one alone takes its replacement back.',
  options: { ...operatorOptions, file: { type: 'string', value: 'FILE', help: 'the numbers; - reads standard input' } },
  async run({ options, json, terminal }) {
    const pairs = nhsNumberLines(requiredOption(options, 'file'), 2).map(([old, replacement]) => ({
      old: old ?? '',
      replacement,
    }));
    const result = await operateIdentity(options, 'supersede', { pairs });
    terminal.out(json ? `${JSON.stringify(result)}\n` : told(result.changed));
    return 0;
  },
};
