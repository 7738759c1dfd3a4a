import { fetchToken } from '../../provider-access/client-assertion';
import { credentialsOf } from '../lake-access';
import { senderAddress, stackOption } from '../sender-address';
import { requiredOption, textOption, type Verb } from '../verb';

export const tokenVerb: Verb = {
  name: 'token',
  usage: '--provider CODE [--scopes "…"] [--stack NAME]',
  summary: 'An access token, by private_key_jwt as the provider would get one.',
  options: {
    provider: { type: 'string', value: 'CODE', help: 'ODS code, or the file of its credentials' },
    scopes: { type: 'string', value: 'LIST', help: 'scopes to ask for (default all it has)' },
    ...stackOption,
  },
  async run({ options, json, terminal }) {
    const credentials = credentialsOf(options, requiredOption(options, 'provider'));
    const { tokenUrl } = await senderAddress(options);
    const token = await fetchToken(credentials, tokenUrl, textOption(options, 'scopes')?.split(/\s+/));
    terminal.out(json ? `${JSON.stringify(token)}\n` : `${token.access_token}\n`);
    return 0;
  },
};
