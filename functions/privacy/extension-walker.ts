import { propertyOf } from '../fhir/definitions';
import type { JsonObject, JsonValue } from '../fhir/json';
import type { ExtensionRule } from './extension-rules';
import { dropped, isObject, type ReportLine, type SplitState, type ValueRule } from './split-state';

/** Gives the rule of a data type as it stands in `Extension.value[x]`; undefined when the type keeps nothing. */
export type ExtensionValueRules = (
  jsonKey: string,
  rule: Extract<ExtensionRule, { action: 'keep' }>,
) => ValueRule | undefined;

/** One compiled extension: takes the Extension object, gives its kept content without the url. */
type Content = (extension: JsonObject, state: SplitState) => JsonObject | undefined;

const sent = (extension: JsonObject): string[] =>
  Object.keys(extension).filter((key) => key !== 'url' && extension[key] !== undefined);

function compileContent(rule: ExtensionRule, path: string, values: ExtensionValueRules): Content {
  if (rule.action === 'drop') {
    const line = dropped(path, rule.reason);
    return (_extension, state) => state.count(line);
  }
  if (rule.action === 'parts') {
    const parts = new Map(Object.entries(rule.parts).map(([url, part]) => [url, compileContent(part, path, values)]));
    const unknown = dropped(path, 'unknown-extension');
    return (extension, state) => {
      const kept = listRule(parts, unknown, path)(extension.extension ?? null, state);
      for (const key of sent(extension)) if (key !== 'extension') state.count(unknown);
      if (rule.sensitive !== undefined) state.sensitive.add(rule.sensitive);
      state.holdFor(rule.retention);
      return kept === undefined ? undefined : { extension: kept };
    };
  }
  return compileValue(rule, path, values);
}

function compileValue(
  rule: Extract<ExtensionRule, { action: 'keep' }>,
  path: string,
  values: ExtensionValueRules,
): Content {
  const wrong = dropped(path, 'not-kept');
  const location = dropped(path, 'protected-location');
  const known = new Map<string, ValueRule>();
  for (const type of rule.types) {
    const key = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
    const value = propertyOf('Extension', key) === undefined ? undefined : values(key, rule);
    if (value === undefined) throw new Error(`Privacy rules: an extension cannot keep values of type ${type}.`);
    known.set(key, value);
  }
  return (extension, state) => {
    if (rule.location === true && state.restricted) return state.count(location);
    let kept: JsonObject | undefined;
    for (const key of sent(extension)) {
      const value = known.get(key);
      const inner = value === undefined ? state.count(wrong) : value(extension[key] as JsonValue, state);
      if (inner !== undefined) kept = { [key]: inner };
    }
    return kept;
  };
}

function listRule(contents: ReadonlyMap<string, Content>, unknown: ReportLine, path: string): ValueRule {
  return (value, state) => {
    if (value === null) return undefined;
    if (!Array.isArray(value)) return state.refuse('structure', path);
    const kept: JsonObject[] = [];
    for (const extension of value) {
      if (!isObject(extension) || typeof extension.url !== 'string') return state.refuse('structure', path);
      const content = contents.get(extension.url);
      const inner = content === undefined ? state.count(unknown) : content(extension, state);
      // The url is one of the rules' own keys here, never a sender's text.
      if (inner !== undefined) kept.push({ url: extension.url, ...inner });
    }
    return kept.length === 0 ? undefined : kept;
  };
}

/** Compiles the extension rules once; each path gets its own report lines and shares the rest. */
export class ExtensionWalker {
  readonly #contents: ReadonlyMap<string, Content>;
  readonly #modifiers: ReadonlyMap<string, Content>;

  constructor(
    rules: ReadonlyMap<string, ExtensionRule>,
    modifierRules: ReadonlyMap<string, ExtensionRule>,
    values: ExtensionValueRules,
  ) {
    const compile = (entries: ReadonlyMap<string, ExtensionRule>) =>
      new Map([...entries].map(([url, rule]) => [url, compileContent(rule, `Extension(${url})`, values)]));
    this.#contents = compile(rules);
    this.#modifiers = compile(modifierRules);
  }

  extensions(path: string): ValueRule {
    return listRule(this.#contents, dropped(path, 'unknown-extension'), path);
  }

  /** A modifier extension changes what the rest means (R4 extensibility.html#modifierExtension): one without a rule holds the resource. */
  modifierExtensions(path: string): ValueRule {
    const keep = listRule(this.#modifiers, dropped(path, 'unknown-extension'), path);
    return (value, state) => {
      const urls = Array.isArray(value)
        ? value.map((extension) => (isObject(extension) ? extension.url : undefined))
        : [undefined];
      if (urls.some((url) => typeof url !== 'string' || !this.#modifiers.has(url)))
        return state.refuse('unknown-modifier-extension', path);
      return keep(value, state) ?? state.refuse('modifier-lost', path);
    };
  }
}
