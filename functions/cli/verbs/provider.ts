import { writeFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { ingestionProfile } from '../../fhir/ingestion-profile';
import { generateProviderKey, type ProviderCredentials } from '../../provider-access/client-assertion';
import { declaredClientId } from '../../provider-access/declared-providers';
import type { NhsNumberHandling } from '../../provider-access/provider-register';
import { readJsonFile } from '../json-file';
import { operate } from '../lake-access';
import { tableText } from '../table-text';
import { operatorOptions, requiredOption, textOption, UsageError, type Verb } from '../verb';

const policies: readonly NhsNumberHandling[] = ['reject', 'quarantine', 'flag'];

function keysIn(file: string | undefined): JWK[] {
  if (file === undefined) return [];
  const { keys } = (readJsonFile(file) ?? {}) as { keys?: JWK[] };
  if (!Array.isArray(keys) || keys.length === 0)
    throw new UsageError('--jwks names a JWK Set (RFC 7517) with at least one key: {"keys": […]}.');
  return keys;
}

export const providerRegisterVerb: Verb = {
  name: 'provider register',
  usage: '--ods CODE --name NAME [--jwks FILE] [--scopes "…"] [--nhs-number POLICY] [--profile URL]',
  summary:
    'Registers an organisation that sends. Without --jwks a key pair is made and the private key written once, mode 600.',
  options: {
    ods: { type: 'string', value: 'CODE', help: 'ODS code of the organisation' },
    name: { type: 'string', value: 'NAME', help: 'its name' },
    jwks: { type: 'string', value: 'FILE', help: 'its public keys as a JWK Set' },
    scopes: { type: 'string', value: 'LIST', help: 'what it may send, with spaces between (default system/*.cu)' },
    'nhs-number': {
      type: 'string',
      value: 'POLICY',
      help: 'what to do with a number that fails its check digit: reject, quarantine or flag (default quarantine)',
    },
    profile: {
      type: 'string',
      value: 'URL',
      help: `profile its resources must meet when they name none; ${ingestionProfile} is the lake's own`,
    },
  },
  async run({ options, json, terminal }) {
    const nhsNumberPolicy = policies.find((policy) => policy === (textOption(options, 'nhs-number') ?? 'quarantine'));
    if (nhsNumberPolicy === undefined) throw new UsageError('--nhs-number is reject, quarantine or flag.');
    const registered = await operate(options, 'registerProvider', {
      ods: requiredOption(options, 'ods'),
      name: requiredOption(options, 'name'),
      scopes: (textOption(options, 'scopes') ?? 'system/*.cu').split(/\s+/),
      keys: keysIn(textOption(options, 'jwks')),
      nhsNumberPolicy,
      defaultProfile: textOption(options, 'profile'),
    });
    terminal.out(
      json
        ? `${JSON.stringify(registered)}\n`
        : `registered ${registered.ods} as client ${registered.clientId}\n${registered.privateKeyFile === undefined ? '' : `private key: ${registered.privateKeyFile}\n`}`,
    );
    return 0;
  },
};

export const providerKeyVerb: Verb = {
  name: 'provider key',
  usage: '--ods CODE --out FILE',
  summary:
    'Makes the key pair of a sender to a deployed lake: the private half into FILE (mode 600, for `lake send --provider FILE`), the public half printed as a JWK Set for whoever runs the lake.',
  options: {
    ods: { type: 'string', value: 'CODE', help: 'ODS code of the organisation' },
    out: { type: 'string', value: 'FILE', help: 'a file that is not there yet, its name ending in .json' },
    scopes: { type: 'string', value: 'LIST', help: 'what to ask tokens for (default system/*.cu)' },
  },
  async run({ options, terminal }) {
    const ods = requiredOption(options, 'ods');
    const file = requiredOption(options, 'out');
    if (!file.endsWith('.json')) throw new UsageError('--out names a file that ends in .json.');
    const { publicJwk, privateJwk } = await generateProviderKey();
    const scopes = (textOption(options, 'scopes') ?? 'system/*.cu').split(/\s+/);
    const credentials: ProviderCredentials = { clientId: declaredClientId(ods), ods, scopes, privateJwk };
    // `wx`: never over another key.
    writeFileSync(file, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    terminal.out(`${JSON.stringify({ keys: [publicJwk] })}\n`);
    return 0;
  },
};

export const providerListVerb: Verb = {
  name: 'provider list',
  usage: '[--json]',
  summary: 'The registered providers.',
  options: operatorOptions,
  async run({ options, json, terminal }) {
    const providers = (await operate(options, 'listProviders')).map(({ keys, scopes, ...rest }) => ({
      ...rest,
      scopes: scopes.join(' '),
      keys: keys.map(({ kid }) => kid),
    }));
    const text = (): string => tableText(providers.map((one) => ({ ...one, keys: one.keys.length })));
    terminal.out(json ? `${JSON.stringify(providers)}\n` : text());
    return 0;
  },
};

const changeVerb = (change: 'disable' | 'enable', summary: string): Verb => ({
  name: `provider ${change}`,
  usage: '--ods CODE',
  summary,
  options: { ...operatorOptions, ods: { type: 'string', value: 'CODE', help: 'ODS code of the organisation' } },
  async run({ options, json, terminal }) {
    const ods = requiredOption(options, 'ods');
    await operate(options, `${change}Provider`, ods);
    const disabled = change === 'disable';
    terminal.out(json ? `${JSON.stringify({ ods, disabled })}\n` : `${change}d ${ods}\n`);
    return 0;
  },
});

export const providerDisableVerb = changeVerb(
  'disable',
  'Shuts a provider out, at once, until `lake provider enable`: no deployment lets it in.',
);

export const providerEnableVerb = changeVerb('enable', 'Lets in again whom `lake provider disable` shut out.');

export const providerRotateKeyVerb: Verb = {
  name: 'provider rotate-key',
  usage: '--ods CODE',
  summary: 'Makes a new key for a provider; the one before goes on working until the next rotation.',
  options: { ods: { type: 'string', value: 'CODE', help: 'ODS code of the organisation' } },
  async run({ options, json, terminal }) {
    const rotated = await operate(options, 'rotateProviderKey', requiredOption(options, 'ods'));
    terminal.out(json ? `${JSON.stringify(rotated)}\n` : `new private key: ${rotated.privateKeyFile}\n`);
    return 0;
  },
};

export const providerRetireKeyVerb: Verb = {
  name: 'provider retire-key',
  usage: '--ods CODE [--kid KID]',
  summary: 'Ends a rotation: the older key of a provider is refused from now on.',
  options: {
    ods: { type: 'string', value: 'CODE', help: 'ODS code of the organisation' },
    kid: { type: 'string', value: 'KID', help: 'the key to retire, as `provider list --json` names it' },
  },
  async run({ options, json, terminal }) {
    const ods = requiredOption(options, 'ods');
    const retired = await operate(options, 'retireProviderKey', ods, textOption(options, 'kid'));
    terminal.out(json ? `${JSON.stringify(retired)}\n` : `retired a key of ${ods}\n`);
    return 0;
  },
};
