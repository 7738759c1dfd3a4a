import { createSecretKey, type KeyObject } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import type { BoundKey } from '../manifest';
import { projectNames, projectToken } from '../privacy/tokens';
import { parseWrappedKey, wrappedKeyText } from '../privacy/wrapped-key-text';
import { nameTaken } from './name-taken';
import type { PersonLookup } from './person-lookup';
import type { ProjectStore } from './project-store';

export interface ProjectKeyServices {
  readonly projects: Pick<ProjectStore, 'wrappedKey'>;
  readonly key: Pick<BoundKey, 'unwrap'>;
}

const personsAtATime = 10_000;
const projectName = /^[a-z][a-z0-9-]{2,39}$/;

/** @throws LakeError `AlreadyExists` for a name that is taken: a project's key never changes. */
export async function createProjectKey(
  projects: Pick<ProjectStore, 'add'>,
  key: Pick<BoundKey, 'wrapWithPublicKey'>,
  project: string,
  audit: AuditRecord,
): Promise<void> {
  if (!projectName.test(project))
    throw new LakeError(
      'InvalidArgument',
      'A project name is 3 to 40 lower-case letters, digits and hyphens, a letter first.',
    );
  const { plaintext, encrypted } = await key.wrapWithPublicKey(contextOf(project));
  plaintext.fill(0);
  await projects.add(project, wrappedKeyText(encrypted), audit).catch(nameTaken('project'));
}

/**
 * A key for each research project, wrapped under the identity zone's own. A project sees HMAC(project key, person id): two
 * projects' extracts share no value, and nothing that leads back is stored anywhere.
 */
export class ProjectKeys {
  readonly #services: ProjectKeyServices;

  constructor(services: ProjectKeyServices) {
    this.#services = services;
  }

  async tokensOf(
    project: string,
    persons: readonly string[],
  ): Promise<readonly { readonly person: string; readonly token: string }[]> {
    const key = await this.#open(project);
    return persons.map((person) => ({ person, token: projectToken(key, person) }));
  }

  /** What resources, references and organisations are called in the project, in the order asked. */
  async namesOf(project: string, names: readonly string[]): Promise<readonly string[]> {
    return names.map(projectNames(await this.#open(project)));
  }

  /** The person a token of the project stands for: every person is tried, since no table leads back. */
  async personOf(project: string, token: string, lookup: Pick<PersonLookup, 'persons'>): Promise<string | undefined> {
    const key = await this.#open(project);
    let after = '';
    for (;;) {
      const persons = await lookup.persons(after, personsAtATime);
      const found = persons.find((person) => projectToken(key, person) === token);
      if (found !== undefined || persons.length === 0) return found;
      after = persons.at(-1)!;
    }
  }

  async #open(project: string): Promise<KeyObject> {
    const wrapped = await this.#services.projects.wrappedKey(project);
    if (wrapped === undefined)
      throw new LakeError('NotFound', 'There is no such project. `lake identity project create` makes one.');
    const plaintext = await this.#services.key.unwrap(parseWrappedKey(wrapped), contextOf(project));
    const key = createSecretKey(plaintext);
    plaintext.fill(0);
    return key;
  }
}

const contextOf = (project: string) => ({ zone: 'identity', purpose: `project-${project}` });
