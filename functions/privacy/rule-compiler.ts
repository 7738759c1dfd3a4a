import { definitionOf, type PropertyDefinition, propertyOf } from '../fhir/definitions';
import type { JsonObject, JsonValue } from '../fhir/json';
import { addressRule } from './address';
import { type CodeSystems, codingRule } from './coding';
import type { ElementRule, RuleSet } from './element-rules';
import type { ExtensionRule } from './extension-rules';
import { ExtensionWalker } from './extension-walker';
import { identifierRule } from './identifier';
import { type PrimitiveOptions, primitiveRule } from './primitive-rules';
import { quantityRule } from './quantity';
import { referenceRule } from './reference';
import { identifyingObservations } from './rules/sensitive-codes';
import {
  type DropReason,
  dropped,
  isObject,
  type ReportLine,
  type RuleSource,
  type SplitState,
  type ValueRule,
} from './split-state';

export interface CompilerOptions extends PrimitiveOptions {
  readonly rules: RuleSet;
  readonly extensions: ReadonlyMap<string, ExtensionRule>;
  readonly modifierExtensions: ReadonlyMap<string, ExtensionRule>;
  readonly codeSystems: CodeSystems;
  readonly termOf: ((system: string, code: string) => string | undefined) | undefined;
}

/** What becomes of one JSON property. */
interface Field {
  readonly path: string;
  readonly rule: ValueRule;
  readonly many: boolean;
  /** Losing its value would change what the rest means (R4 conformance-rules.html#isModifier). */
  readonly modifier: boolean;
  /** Counted when a complex value had something and nothing of it could stay; says where, which its parts cannot. */
  readonly emptied: ReportLine | undefined;
}

const quantities: ReadonlySet<string> = new Set([
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
  'MoneyQuantity',
  'SimpleQuantity',
]);

const reasons: Readonly<Record<string, DropReason>> = {
  string: 'free-text',
  markdown: 'free-text',
  Annotation: 'free-text',
  xhtml: 'narrative',
  Narrative: 'narrative',
  HumanName: 'name',
  ContactPoint: 'contact',
  ContactDetail: 'contact',
  Address: 'address',
  Attachment: 'attachment',
  base64Binary: 'attachment',
  Signature: 'attachment',
  Identifier: 'identifier',
};

/**
 * Turns the rule rows into functions, one per type, at its first use. Nothing is looked up by path while a resource is
 * walked: each property of a type is one entry of a map with its compiled rule.
 */
export class RuleCompiler implements RuleSource {
  readonly #options: CompilerOptions;
  readonly #compiled = new Map<string, ValueRule>();
  readonly #resources = new Map<string, ValueRule>();
  readonly #extensions: ExtensionWalker;
  readonly extensions: (path: string) => ValueRule;

  constructor(options: CompilerOptions) {
    this.#options = options;
    this.#extensions = new ExtensionWalker(options.extensions, options.modifierExtensions, (key, rule) =>
      this.#extensionValue(key, rule),
    );
    this.extensions = (path) => this.#extensions.extensions(path);
  }

  /** The rule of a data type or backbone path. Types refer to themselves, so a type in the making is reached through a step between. */
  ruleOf(typeName: string): ValueRule {
    const known = this.#compiled.get(typeName);
    if (known !== undefined) return known;
    let made: ValueRule | undefined;
    const step: ValueRule = (value, state) => {
      made ??= this.#compile(typeName);
      return made(value, state);
    };
    this.#compiled.set(typeName, step);
    return step;
  }

  #compile(typeName: string): ValueRule {
    const { codeSystems, termOf } = this.#options;
    if (typeName === 'Coding') return codingRule(codeSystems, termOf, this);
    if (quantities.has(typeName)) return quantityRule(codeSystems, this);
    if (typeName === 'Reference') return referenceRule(this, undefined);
    if (typeName === 'Identifier') return identifierRule(this);
    if (typeName === 'Address') return addressRule(this);
    return this.#objectRule(typeName);
  }

  /** The rule of a resource type's own elements, without what every resource has (split.ts). */
  resourceRule(type: string): ValueRule {
    let rule = this.#resources.get(type);
    if (rule === undefined) {
      rule = this.#objectRule(type);
      this.#resources.set(type, rule);
    }
    return rule;
  }

  /** The rule of an object whose properties have their own. */
  #objectRule(typeName: string): ValueRule {
    const fields = new Map<string, Field>();
    const unknown = dropped(`${typeName}.(unknown)`, 'unknown-element');
    const identifying = typeName === 'Observation' || typeName === 'Observation.component';
    const identifyingLine = dropped(`${typeName}.value`, 'identifying-value');
    return (value, state) => {
      if (!isObject(value)) return state.refuse('structure', typeName);
      const kept: JsonObject = {};
      let any = false;
      for (const key of Object.keys(value)) {
        const item = value[key];
        if (item === undefined) continue;
        let field = fields.get(key);
        if (field === undefined) {
          field = this.#fieldOf(typeName, key);
          // Only names FHIR knows are remembered, so that made-up ones cannot fill the memory.
          if (field === undefined) {
            state.count(unknown);
            continue;
          }
          fields.set(key, field);
        }
        const inner = applyField(field, item, state);
        if (inner === undefined) continue;
        kept[key] = inner;
        any = true;
      }
      if (identifying && any && isIdentifying(kept)) {
        for (const key of Object.keys(kept)) if (key.startsWith('value')) delete kept[key];
        state.count(identifyingLine);
      }
      return any ? kept : undefined;
    };
  }

  #fieldOf(typeName: string, key: string): Field | undefined {
    const path = `${typeName}.${key}`;
    const field = (rule: ValueRule, property?: PropertyDefinition): Field => ({
      path,
      rule,
      many: property !== undefined && property.element.max > 1,
      modifier: property?.element.isModifier === true && !property.sibling,
      emptied:
        property !== undefined && definitionOf(property.type.code)?.kind !== 'primitive'
          ? dropped(path, 'nothing-left')
          : undefined,
    });
    if (key === 'extension') return field(this.extensions(path));
    if (key === 'modifierExtension') return field(this.#extensions.modifierExtensions(path));
    const property = propertyOf(typeName, key);
    if (property === undefined) return undefined;
    const rule = this.#options.rules.get(typeName)?.get(property.element.name);
    if (property.sibling) return field(this.#siblingRule(path, rule));
    const kept = rule === undefined ? undefined : this.#propertyRule(path, property, rule);
    if (kept !== undefined && rule !== undefined)
      return field(rule.location ? protectedRule(path, kept) : kept, property);
    const line = dropped(path, key === 'id' ? 'technical' : (reasons[property.type.code] ?? 'not-kept'));
    return field((_value, state) => state.count(line));
  }

  #propertyRule(path: string, property: PropertyDefinition, rule: ElementRule): ValueRule | undefined {
    const { code, targets } = property.type;
    const kind = definitionOf(code)?.kind;
    if (kind === 'primitive') return primitiveRule(path, property, rule, this.#options);
    if (code === 'Reference')
      return targets?.length === 1 && targets[0] !== 'Resource'
        ? referenceRule(this, targets[0])
        : this.ruleOf('Reference');
    const wholes = quantities.has(code) || code === 'Coding' || code === 'Identifier' || code === 'Address';
    return wholes || this.#options.rules.has(code) ? this.ruleOf(code) : undefined;
  }

  #extensionValue(key: string, rule: Extract<ExtensionRule, { action: 'keep' }>): ValueRule | undefined {
    const property = propertyOf('Extension', key);
    if (property === undefined) return undefined;
    const path = `Extension.${key}`;
    if (property.type.code === 'code') {
      const line = dropped(path, 'not-a-code');
      const codes: ReadonlySet<JsonValue> = new Set(rule.codes ?? []);
      return (value, state) => (codes.has(value) ? value : state.count(line));
    }
    return this.#propertyRule(path, property, { treatment: undefined, location: false });
  }

  /** `_x` beside a primitive: of a kept single one its known extensions stay; beside a list positions could shift, so nothing does. */
  #siblingRule(path: string, rule: ElementRule | undefined): ValueRule {
    const extensions = this.extensions(path);
    const line = dropped(path, 'not-kept');
    return (value, state) => {
      if (rule === undefined || Array.isArray(value)) return state.count(line);
      if (!isObject(value)) return state.refuse('structure', path);
      const inner = value.extension === undefined ? undefined : extensions(value.extension, state);
      return inner === undefined ? undefined : { extension: inner };
    };
  }
}

function protectedRule(path: string, rule: ValueRule): ValueRule {
  const line = dropped(path, 'protected-location');
  return (value, state) => (state.restricted ? state.count(line) : rule(value, state));
}

function applyField(field: Field, value: JsonValue, state: SplitState): JsonValue | undefined {
  if (!field.many) {
    const kept = field.rule(value, state);
    if (kept === undefined && field.modifier) state.refuse('modifier-lost', field.path);
    if (kept === undefined && field.emptied !== undefined) state.count(field.emptied);
    return kept;
  }
  if (!Array.isArray(value)) return state.refuse('structure', field.path);
  const list: JsonValue[] = [];
  for (const item of value) {
    if (item === null) continue;
    const kept = field.rule(item, state);
    if (kept !== undefined) list.push(kept);
    else if (field.modifier) state.refuse('modifier-lost', field.path);
  }
  if (list.length > 0) return list;
  return field.emptied === undefined ? undefined : state.count(field.emptied);
}

/** A birth date is one whatever element carries it: such an observation keeps its code and loses its value. */
function isIdentifying(observation: JsonObject): boolean {
  const code = observation.code;
  if (!isObject(code) || !Array.isArray(code.coding)) return false;
  return code.coding.some(
    (coding) => isObject(coding) && identifyingObservations.has(`${String(coding.system)}|${String(coding.code)}`),
  );
}
