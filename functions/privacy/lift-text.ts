import type { Tokeniser } from './tokens';

/** A pseudonym as JSON of the lake holds one: an id, the tail of a reference, the value of a pseudonymous identifier or uri. */
const pseudonym = /("id":"|[/#]|"value":"|"token":"|:)([A-Za-z0-9_.-]{44})(?=")/g;

/** JSON text of a clinical copy or an identity record with every pseudonym as the newest key makes it. */
export function liftText(text: string, tokeniser: Pick<Tokeniser, 'liftId' | 'liftToken'>): string {
  return text.replaceAll(pseudonym, (_, before: string, value: string) => {
    const isId = before === '"id":"' || before === '/' || before === '#';
    return before + (isId ? tokeniser.liftId(value) : tokeniser.liftToken(value));
  });
}
