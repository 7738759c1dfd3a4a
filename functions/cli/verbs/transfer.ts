import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { lakeFolder } from '../../hosts/local/lake-folder';
import { lockLake } from '../../hosts/local/lake-lock';
import { LakeParts } from '../../hosts/local/lake-parts';
import { LocalTransfer } from '../../hosts/local/local-transfer';
import { Operator } from '../../hosts/local/operator';
import { dataFolder, operate } from '../lake-access';
import { type Options, requiredOption, textOption, UsageError, type Verb } from '../verb';

const passphraseOption = {
  'passphrase-file': {
    type: 'string',
    value: 'FILE',
    help: 'file with the passphrase that seals the keys (at least 12 characters)',
  },
} as const;

function passphraseOf(options: Options): string | undefined {
  const file = textOption(options, 'passphrase-file');
  return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
}

export const exportVerb: Verb = {
  name: 'export',
  usage: '--out DIR [--passphrase-file FILE] [--json]',
  long: true,
  summary:
    'Writes the whole lake into a folder in open forms with SHA256SUMS: objects, Delta tables, state as NDJSON, the audit. Sealed objects stay sealed; the keys go along only under a passphrase.',
  options: { out: { type: 'string', value: 'DIR', help: 'an empty or new folder' }, ...passphraseOption },
  async run({ options, json, terminal }) {
    const out = resolve(requiredOption(options, 'out'));
    const done = await operate(options, 'exportLake', out, passphraseOf(options));
    terminal.out(
      json
        ? `${JSON.stringify(done)}\n`
        : `${done.objects} objects and ${done.rows} rows in ${done.files} files; keys ${done.keys ? 'sealed in it' : 'NOT in it'}\n`,
    );
    return 0;
  },
};

export const importVerb: Verb = {
  name: 'import',
  usage: 'DIR --data NEW-DIR [--passphrase-file FILE] [--json]',
  long: true,
  most: 1,
  summary: 'Makes a lake from an export, after holding every file to its checksum. The audit goes on where it ended.',
  options: passphraseOption,
  async run({ positionals: [from], options, json, terminal }) {
    if (from === undefined) throw new UsageError('Name the folder of an export.');
    const folder = lakeFolder(dataFolder(options));
    const unlock = lockLake(folder.lock);
    const parts = new LakeParts(folder);
    try {
      const done = await new LocalTransfer(parts).import(resolve(from), passphraseOf(options));
      await parts.prepare();
      await new Operator(parts).record({
        event: 'import',
        action: 'lake import',
        outcome: { result: 'allowed', code: 'done' },
      });
      terminal.out(
        json ? `${JSON.stringify(done)}\n` : `${done.objects} objects and ${done.rows} rows from ${done.files} files\n`,
      );
      return 0;
    } finally {
      await parts.close();
      unlock();
    }
  },
};
