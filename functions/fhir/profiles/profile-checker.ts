import { checkBinding } from '../binding-rules';
import { boundTypes, coreModifierExtensions, propertyOf } from '../definitions';
import { isJsonObject, type JsonObject, type JsonValue, textOf } from '../json';
import { isAbsolute } from '../primitives';
import { type PropertyCheck, typeCheckOf } from '../type-check';
import type { ValidationRun } from '../validation-run';
import type { ValueSets } from '../value-sets';
import { mayStandOn } from './extension-context';
import { hasPattern, isFixed } from './fixed-values';
import type { ProfileSet } from './profile-set';
import type { AllowedType, ProfileNode } from './profile-tree';
import { isInSlice } from './slicing';

/** One value of an element, with the other half of a primitive and its place. */
interface Occurrence {
  readonly value: JsonValue;
  /** Where the children are: the object itself, or the `_` half of a primitive. */
  readonly content: JsonObject | undefined;
  readonly type: string;
  readonly targetType: string | undefined;
  readonly step: string;
  readonly index: number | undefined;
}

const coreModifiers: ReadonlySet<string> = new Set(coreModifierExtensions);

/** Checks resources against profiles and extensions against their definitions, after R4 itself was checked. */
export class ProfileChecker {
  readonly #profiles: ProfileSet;
  readonly #valueSets: ValueSets;

  constructor(profiles: ProfileSet, valueSets: ValueSets) {
    this.#profiles = profiles;
    this.#valueSets = valueSets;
  }

  /** The profiles a resource claims, and those asked for by the caller. */
  checkResource(resource: JsonObject, asked: readonly string[], run: ValidationRun): void {
    const claimed = isJsonObject(resource.meta) && Array.isArray(resource.meta.profile) ? resource.meta.profile : [];
    const urls = new Set([...asked, ...claimed.filter((url) => typeof url === 'string')]);
    for (const url of urls) {
      const compiled = this.#profiles.get(url);
      if (compiled === undefined) {
        // The URL is a submitted value, unless the caller gave it.
        const name = asked.includes(url) ? ` ${url}` : '';
        run.add('information', 'not-supported', `A profile${name} is not known here and was not checked.`);
      } else if (compiled.profile.type !== resource.resourceType) {
        const { type } = compiled.profile;
        run.error('structure', `The profile ${compiled.profile.url} is one of ${type}, not of this resource type.`);
      } else
        this.#checkNode(compiled.tree, resource, resource, textOf(resource.resourceType), compiled.profile.url, run);
    }
  }

  checkExtension(extension: JsonObject, modifier: boolean, run: ValidationRun): void {
    const url = typeof extension.url === 'string' ? extension.url : '';
    const compiled = this.#profiles.get(url);
    if (compiled === undefined) {
      // A receiver must refuse what it does not understand (https://hl7.org/fhir/R4/extensibility.html#modifierExtension).
      if (modifier && !coreModifiers.has(url))
        run.error(
          'extension',
          'The modifier extension is not known here, and its meaning must not be passed over. Leave it out.',
        );
      return;
    }
    const { profile, tree } = compiled;
    const around = run.elementSteps();
    if (!mayStandOn(profile, around.slice(0, -1), undefined)) {
      const allowed = profile.contexts.map(({ expression }) => expression).join(', ');
      run.error('extension', `The extension ${profile.url} does not belong here. It may stand on: ${allowed}.`);
    }
    checkParts(tree, extension, profile.url, run);
    this.#checkNode(tree, extension, extension, 'Extension', profile.url, run);
  }

  #checkNode(
    node: ProfileNode,
    value: JsonValue,
    content: JsonObject | undefined,
    type: string,
    profile: string,
    run: ValidationRun,
  ): void {
    if (node.fixed !== undefined && !isFixed(value, node.fixed))
      run.error('value', `The value must be ${shown(node.fixed)} (profile ${profile}).`);
    if (node.pattern !== undefined && !hasPattern(value, node.pattern))
      run.error('value', `The value must hold ${shown(node.pattern)} (profile ${profile}).`);
    if (node.binding !== undefined && boundTypes.has(type))
      checkBinding(value, node.binding, this.#valueSets, run, profile);
    for (const constraint of node.constraints) {
      run.deferred.push({
        constraint: { ...constraint, base: type, profile },
        value,
        resource: run.resource,
        rootResource: run.scope.root,
        expression: run.expression(),
      });
    }
    for (const child of node.children.values()) this.#checkChild(child, content ?? {}, type, profile, run);
  }

  #checkChild(node: ProfileNode, owner: JsonObject, ownerType: string, profile: string, run: ValidationRun): void {
    const found = occurrencesOf(node.name, owner, ownerType);
    checkCount(node, found.length, node.name, profile, run);
    const rest = new Set(found);
    let undecided = false;
    for (const [name, slice] of node.slices) {
      const members = found.filter((one) => {
        const inSlice = isInSlice(one, name, slice, node.slicing?.discriminators ?? [], this.#valueSets);
        undecided ||= inSlice === undefined;
        return inSlice === true;
      });
      for (const one of members) rest.delete(one);
      if (!undecided) checkCount(slice, members.length, `${node.name}:${name}`, profile, run);
      for (const one of members) this.#checkOccurrence(slice, one, profile, run);
    }
    for (const one of found) {
      if (node.slicing?.closed === true && !undecided && rest.has(one)) {
        enter(one, run);
        run.error(
          'structure',
          `Only the slices ${[...node.slices.keys()].join(', ')} are allowed (profile ${profile}).`,
        );
        leave(one, run);
      }
      this.#checkOccurrence(node, one, profile, run);
    }
  }

  #checkOccurrence(node: ProfileNode, one: Occurrence, profile: string, run: ValidationRun): void {
    enter(one, run);
    if (node.types !== undefined) this.#checkType(node.types, one, profile, run);
    this.#checkNode(node, one.value, one.content, one.type, profile, run);
    leave(one, run);
  }

  #checkType(types: readonly AllowedType[], one: Occurrence, profile: string, run: ValidationRun): void {
    // Backbone elements are typed by their path here and as BackboneElement in a profile.
    if (one.type.includes('.')) return;
    const allowed = types.filter(({ code }) => code === one.type);
    if (allowed.length === 0) {
      run.error('structure', `The type must be ${types.map(({ code }) => code).join(' or ')} (profile ${profile}).`);
      return;
    }
    const targets = allowed.flatMap(({ targetProfiles }) => targetProfiles.map((url) => this.#profiles.typeOf(url)));
    const isOpen = targets.length === 0 || targets.includes('Resource') || targets.includes(undefined);
    if (one.targetType !== undefined && !isOpen && !targets.includes(one.targetType))
      run.error('value', `The reference must point to ${targets.join(' or ')} (profile ${profile}).`);
    if (one.type === 'Extension' || allowed.length > 1) return;
    // A profile of the data type itself is laid over the value too.
    for (const url of allowed[0]!.profiles) {
      const compiled = this.#profiles.get(url);
      if (compiled !== undefined) this.#checkNode(compiled.tree, one.value, one.content, one.type, url, run);
    }
  }
}

/**
 * A url that is not absolute names a part of the extension around it, so only that one's definition can have it
 * (https://hl7.org/fhir/R4/extensibility.html#Extension).
 */
function checkParts(tree: ProfileNode, extension: JsonObject, profile: string, run: ValidationRun): void {
  const parts = tree.children.get('extension')?.slices;
  if (parts === undefined || !Array.isArray(extension.extension)) return;
  for (const [index, part] of extension.extension.entries()) {
    const url = isJsonObject(part) ? part.url : undefined;
    if (typeof url !== 'string' || isAbsolute(url)) continue;
    if ([...parts.values()].some((slice) => slice.children.get('url')?.fixed === url)) continue;
    run.error(
      'extension',
      `The extension ${profile} has only the parts ${[...parts.keys()].join(', ')}.`,
      `extension[${index}]`,
    );
  }
}

/** What a profile fixes is the profile's, so it may be told. */
const shown = (value: JsonValue): string => JSON.stringify(value).slice(0, 200);

function checkCount(node: ProfileNode, count: number, name: string, profile: string, run: ValidationRun): void {
  const child = node.name.replace('[x]', '');
  if (node.min !== undefined && count < node.min)
    run.error('required', `At least ${node.min} of ${name} is required here (profile ${profile}).`, child);
  if (node.max !== undefined && count > node.max)
    run.error('structure', `At most ${node.max} of ${name} is allowed here (profile ${profile}).`, child);
}

function enter({ step, index }: Occurrence, run: ValidationRun): void {
  run.enter(step);
  if (index !== undefined) run.enter(index);
}

function leave({ index }: Occurrence, run: ValidationRun): void {
  run.leave();
  if (index !== undefined) run.leave();
}

/** All values of an element by its differential name: `value[x]` is every type of the choice, `valueQuantity` one of them. */
function occurrencesOf(name: string, owner: JsonObject, ownerType: string): Occurrence[] {
  const base = name.endsWith('[x]') ? name.slice(0, -3) : name;
  const { properties } = typeCheckOf(ownerType);
  const found: Occurrence[] = [];
  const add = (key: string): void => {
    const property = properties.get(key);
    if (property === undefined || property.kind === 'sibling') return;
    found.push(...valuesOf(owner[key], owner[`_${key}`], property));
  };
  if (name.endsWith('[x]')) {
    const keys = new Set(Object.keys(owner).map((key) => (key.startsWith('_') ? key.slice(1) : key)));
    for (const key of keys) if (propertyOf(ownerType, key)?.element.name === base) add(key);
  } else if (owner[base] !== undefined || owner[`_${base}`] !== undefined) add(base);
  return found;
}

function valuesOf(value: JsonValue | undefined, half: JsonValue | undefined, property: PropertyCheck): Occurrence[] {
  const list = Array.isArray(value) ? value : Array.isArray(half) ? half : undefined;
  const at = (index: number | undefined): Occurrence => {
    const own = index === undefined ? value : Array.isArray(value) ? value[index] : undefined;
    const other = index === undefined ? half : Array.isArray(half) ? half[index] : undefined;
    return {
      value: own ?? null,
      content:
        property.kind === 'primitive' ? (isJsonObject(other) ? other : undefined) : isJsonObject(own) ? own : undefined,
      type: property.type.code,
      targetType: isJsonObject(own) ? referredType(own) : undefined,
      step: property.step,
      index,
    };
  };
  if (list === undefined) return value === undefined && half === undefined ? [] : [at(undefined)];
  return list.map((_, index) => at(index));
}

/** The type a Reference names in its text or its `type`. */
const referredType = ({ reference, type }: JsonObject): string | undefined =>
  (typeof reference === 'string'
    ? /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}|\?\S+)$/.exec(reference)?.[1]
    : undefined) ?? (typeof type === 'string' ? type : undefined);
