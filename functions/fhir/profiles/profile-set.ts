import { definitionOf } from '../definitions';
import type { Profile, ProfilePackage } from './profile-package';
import { type ProfileNode, profileTree } from './profile-tree';

const core = 'http://hl7.org/fhir/StructureDefinition/';
const withoutVersion = (url: string): string => url.split('|')[0]!;

/** A profile ready to be checked. */
export interface CompiledProfile {
  readonly profile: Profile;
  readonly tree: ProfileNode;
}

/** The profiles of all packages, each compiled when it is first asked for. */
export class ProfileSet {
  readonly #profiles = new Map<string, Profile>();
  readonly #compiled = new Map<string, CompiledProfile>();

  /** What an earlier package defines stands before what a later one does. */
  constructor(packages: readonly ProfilePackage[]) {
    for (const { profiles } of packages)
      for (const [url, profile] of profiles) if (!this.#profiles.has(url)) this.#profiles.set(url, profile);
  }

  get size(): number {
    return this.#profiles.size;
  }

  get(url: string): CompiledProfile | undefined {
    return this.#get(withoutVersion(url), new Set());
  }

  /** The resource or data type that a profile (or the definition of a type itself) is of. */
  typeOf(url: string): string | undefined {
    const plain = withoutVersion(url);
    const known = this.#profiles.get(plain)?.type;
    if (known !== undefined) return known;
    const name = plain.startsWith(core) ? plain.slice(core.length) : '';
    return definitionOf(name) === undefined ? undefined : name;
  }

  /** `around` are the profiles being built, so that one that is its own base is taken without it. */
  #get(url: string, around: ReadonlySet<string>): CompiledProfile | undefined {
    const known = this.#compiled.get(url);
    if (known !== undefined) return known;
    const profile = this.#profiles.get(url);
    if (profile === undefined || around.has(url)) return undefined;
    const base =
      profile.base === undefined ? undefined : this.#get(withoutVersion(profile.base), new Set([...around, url]));
    const compiled = { profile, tree: profileTree(profile, base?.tree) };
    this.#limitExtensions(compiled.tree);
    this.#compiled.set(url, compiled);
    return compiled;
  }

  /** An extension that may stand once by its own definition may do so where a profile names it and says no more. */
  #limitExtensions(node: ProfileNode): void {
    for (const child of node.children.values()) this.#limitExtensions(child);
    for (const slice of node.slices.values()) {
      const url = slice.types?.[0]?.profiles[0];
      const definition = url === undefined ? undefined : this.#profiles.get(withoutVersion(url));
      const most = definition?.elements.find(({ path }) => path === 'Extension')?.max;
      if (slice.max === undefined && typeof most === 'string' && most !== '*') slice.max = Number(most);
      this.#limitExtensions(slice);
    }
  }
}
