import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LakeError } from '../../../adapters/ports/errors';
import { lakeFolder } from '../../hosts/local/lake-folder';
import type { OperatorCredential } from '../../identity/named-operators';
import { dataFolder, operateIdentity } from '../lake-access';
import { tableText } from '../table-text';
import { type Options, operatorOptions, requiredOption, textOption, UsageError, type Verb } from '../verb';

const personOptions = {
  ...operatorOptions,
  operator: { type: 'string', value: 'NAME', help: 'who you are' },
  'secret-file': {
    type: 'string',
    value: 'FILE',
    help: 'your secret on one machine (default: where `lake operator add` wrote it)',
  },
} as const;

/** A deployed lake has a sign-in, and asks for no secret. */
function credentialOf(options: Options): OperatorCredential {
  if (textOption(options, 'stack') !== undefined) return { name: '', secret: '' };
  const name = requiredOption(options, 'operator');
  const file =
    textOption(options, 'secret-file') ??
    join(lakeFolder(dataFolder(options)).credentials, 'operators', `${name}.secret`);
  if (!existsSync(file)) throw new LakeError('NotFound', 'There is no such secret here. Name it with --secret-file.');
  return { name, secret: readFileSync(file, 'utf8').trim() };
}

export const operatorAddVerb: Verb = {
  name: 'operator add',
  usage: '--name NAME [--json]',
  summary: 'Names a person who may request or approve re-identification, and writes their secret once, mode 600.',
  options: { name: { type: 'string', value: 'NAME', help: 'the name' } },
  async run({ options, json, terminal }) {
    const added = await operateIdentity(options, 'addOperator', { name: requiredOption(options, 'name') });
    terminal.out(
      json ? `${JSON.stringify(added)}\n` : `added ${added.name}; hand over and remove: ${added.secretFile}\n`,
    );
    return 0;
  },
};

export const projectCreateVerb: Verb = {
  name: 'identity project create',
  usage: '--project NAME',
  summary: 'Makes the key of a research project: its pseudonyms join with those of no other project.',
  options: { ...operatorOptions, project: { type: 'string', value: 'NAME', help: 'the name' } },
  async run({ options, json, terminal }) {
    const project = requiredOption(options, 'project');
    await operateIdentity(options, 'createProject', { project });
    terminal.out(json ? `${JSON.stringify({ project })}\n` : 'created\n');
    return 0;
  },
};

export const reidentifyRequestVerb: Verb = {
  name: 'reidentify request',
  usage: '--project NAME --token TOKEN --reason TEXT --operator NAME [--json]',
  summary: 'Asks who a project pseudonym stands for. Another person must approve; you then see the answer, once.',
  options: {
    project: { type: 'string', value: 'NAME', help: 'the research project' },
    token: { type: 'string', value: 'TOKEN', help: 'the pseudonym, as the project knows it' },
    reason: { type: 'string', value: 'TEXT', help: 'who needs to know, and what for' },
    ...personOptions,
  },
  async run({ options, json, terminal }) {
    const { id } = await operateIdentity(options, 'requestReidentification', {
      operator: credentialOf(options),
      project: requiredOption(options, 'project'),
      token: requiredOption(options, 'token'),
      reason: requiredOption(options, 'reason'),
    });
    terminal.out(json ? `${JSON.stringify({ id })}\n` : `requested: ${id}\n`);
    return 0;
  },
};

function named(positionals: readonly string[]): string {
  const [id] = positionals;
  if (id === undefined) throw new UsageError('Name the id of a request.');
  return id;
}

export const reidentifyApproveVerb: Verb = {
  name: 'reidentify approve',
  usage: 'ID --operator NAME [--minutes N] [--json]',
  most: 1,
  summary: "Approves another person's request for a while (default 60 minutes, at most a day).",
  options: {
    minutes: { type: 'string', value: 'N', help: 'how long the answer may be looked at' },
    ...personOptions,
  },
  async run({ positionals, options, json, terminal }) {
    const approved = await operateIdentity(options, 'approveReidentification', {
      operator: credentialOf(options),
      id: named(positionals),
      minutes: Number(textOption(options, 'minutes') ?? 60),
    });
    terminal.out(json ? `${JSON.stringify(approved)}\n` : `approved until ${approved.expires}\n`);
    return 0;
  },
};

export const reidentifyRevealVerb: Verb = {
  name: 'reidentify reveal',
  usage: 'ID --operator NAME [--json]',
  most: 1,
  summary: 'Shows who the pseudonym stands for: to the requester, once, before the approval expires.',
  options: personOptions,
  async run({ positionals, options, json, terminal }) {
    const person = await operateIdentity(options, 'revealReidentification', {
      operator: credentialOf(options),
      id: named(positionals),
    });
    if (json) terminal.out(`${JSON.stringify(person)}\n`);
    else {
      terminal.out(`NHS number: ${person.nhsNumber ?? 'none verified'}\n`);
      for (const { provider, localId } of person.patients) terminal.out(`  ${provider}: Patient/${localId}\n`);
    }
    return 0;
  },
};

export const reidentifyListVerb: Verb = {
  name: 'reidentify list',
  usage: '[--json]',
  summary: 'Requests for re-identification: by whom, approved by whom, revealed when.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const cases = await operateIdentity(options, 'reidentifications', undefined);
    terminal.out(json ? `${JSON.stringify(cases)}\n` : tableText(cases.map((one) => ({ ...one }))));
    return 0;
  },
};
