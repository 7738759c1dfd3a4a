import { publicIdentifierSystems } from './rules/identifier-systems';

/** A pseudonym as JSON of the lake holds one (lift-text.ts), or the code of an organisation with its register before it. */
const registers = [...publicIdentifierSystems.keys()].map((system) => system.replaceAll('.', '\\.')).join('|');
const pseudonym = /("id":"|[/#]|"value":"|"token":"|:)([A-Za-z0-9_.-]{44})(?=")/;
const own = new RegExp(`${pseudonym.source}|"system":"(${registers})","(value|code)":"([^"]+)"`, 'g');

/** What stands for an organisation where a research project asks for its name. */
export const organisationName = (system: string, code: string): string => `${system}|${code}`;

/**
 * JSON text of a clinical copy as one research project may see it: resource ids, references, pseudonyms and the codes of
 * organisations by other names. What is clinical stays letter for letter.
 *
 * @param nameOf gives the project's name for a pseudonym of the lake, or for `organisationName`.
 */
export const projectCopy = (text: string, nameOf: (name: string) => string): string =>
  text.replaceAll(own, (_, before?: string, value?: string, system?: string, element?: string, code?: string) =>
    before === undefined
      ? `"system":"${system}","${element}":"${nameOf(organisationName(system!, code!))}"`
      : before + nameOf(value!),
  );

/** What `projectCopy` would ask the names of. */
export function namesIn(text: string): readonly string[] {
  const names: string[] = [];
  projectCopy(text, (name) => {
    names.push(name);
    return name;
  });
  return names;
}
