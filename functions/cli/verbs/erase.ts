import { existsSync, writeFileSync } from 'node:fs';
import { LakeError } from '../../../adapters/ports/errors';
import type { ErasureCertificate } from '../../erasure/erasure-plan';
import { readJsonFile } from '../json-file';
import { operate } from '../lake-access';
import { nhsNumberLines } from '../nhs-number-file';
import { tableText } from '../table-text';
import { operatorOptions, textOption, UsageError, type Verb } from '../verb';

export const eraseVerb: Verb = {
  name: 'erase',
  usage: '(--nhs-number-file FILE | --patient ID[,ID…]) [--out FILE] [--json]',
  long: true,
  summary:
    'Erases everything the lake holds of some people, in every zone, table and history, and writes a signed certificate. Cannot be undone.',
  options: {
    ...operatorOptions,
    'nhs-number-file': {
      type: 'string',
      value: 'FILE',
      help: 'NHS numbers, one a line; - reads standard input (a command line would show them to others)',
    },
    patient: { type: 'string', value: 'IDS', help: 'Patient ids as curated tables and marts show them' },
    out: { type: 'string', value: 'FILE', help: 'where to write the certificate (default: on the terminal)' },
  },
  async run({ options, json, terminal }) {
    const file = textOption(options, 'nhs-number-file');
    const nhsNumbers = file === undefined ? [] : nhsNumberLines(file).flat();
    const patients = (textOption(options, 'patient') ?? '').split(',').filter((one) => one !== '');
    if (nhsNumbers.length + patients.length === 0) throw new UsageError('Say whom: --nhs-number-file or --patient.');
    const out = textOption(options, 'out');
    // Before: an erasure cannot be done again, and its certificate is given once.
    if (out !== undefined && existsSync(out))
      throw new LakeError('AlreadyExists', 'The file of --out is there already. Name another; nothing was erased.');
    const certificate = await operate(options, 'erase', { nhsNumbers, patients });
    const text = `${JSON.stringify(certificate, undefined, json ? 0 : 2)}\n`;
    if (out !== undefined) writeFileSync(out, text, { mode: 0o600, flag: 'wx' });
    if (json || out === undefined) terminal.out(text);
    else terminal.out(`erased; the certificate is in ${out}\n`);
    return 0;
  },
};

export const eraseCertificatesVerb: Verb = {
  name: 'erase certificates',
  usage: '[ID] [--json]',
  most: 1,
  summary: 'The certificates of what was erased or has expired; with an id, that one, as `lake erase verify` takes it.',
  options: operatorOptions,
  async run({ positionals: [id], options, json, terminal }) {
    const certificates = await operate(options, 'certificates', { id });
    const [one] = certificates;
    if (id !== undefined) terminal.out(`${JSON.stringify(one, undefined, json ? 0 : 2)}\n`);
    else if (json) terminal.out(`${JSON.stringify(certificates)}\n`);
    else if (one === undefined) terminal.out('there is no certificate: nothing was erased and nothing has expired\n');
    else
      terminal.out(
        tableText(
          certificates.map(({ id: name, reason = 'asked for', completed, erased }) => {
            const resources = Object.values(erased.resources).reduce((sum, count) => sum + count, 0);
            return { id: name, completed, reason, resources };
          }),
        ),
      );
    return 0;
  },
};

export const eraseVerifyVerb: Verb = {
  name: 'erase verify',
  usage: 'CERTIFICATE [--json]',
  most: 1,
  summary: 'Checks the signature of an erasure certificate.',
  options: operatorOptions,
  async run({ positionals: [file], options, json, terminal }) {
    if (file === undefined) throw new UsageError('Name the file of a certificate.');
    const certificate = readJsonFile(file) as ErasureCertificate;
    const genuine = await operate(options, 'verifyErasure', certificate);
    terminal.out(
      json ? `${JSON.stringify({ genuine })}\n` : genuine ? 'genuine\n' : 'NOT genuine: changed, or of another lake\n',
    );
    return genuine ? 0 : 1;
  },
};
