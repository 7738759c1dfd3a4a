import type { JsonObject, JsonValue } from '../json';
import type { NativeInvariant } from './data-type-invariants';
import { mayBeOrdered } from './date-order';
import { codingsAt, countAt, has, hasChoice, hasCoding, objectsAt } from './element-access';

const hl7 = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;
const isOneOf = (value: JsonValue | undefined, ...codes: readonly string[]): boolean =>
  typeof value === 'string' && codes.includes(value);
const anyOf =
  (...names: readonly string[]): NativeInvariant =>
  (value) =>
    has(value, ...names);
const notBoth =
  (one: string, other: string): NativeInvariant =>
  (value) =>
    !has(value, one) || !has(value, other);
const oneOf =
  (one: string, other: string): NativeInvariant =>
  (value) =>
    has(value, one) !== has(value, other);
const needs =
  (one: string, other: string): NativeInvariant =>
  (value) =>
    !has(value, one) || has(value, other);

const allergyError = (value: JsonObject): boolean =>
  hasCoding(value, 'verificationStatus', hl7('allergyintolerance-verification'), ['entered-in-error']);
const conditionError = (value: JsonObject): boolean =>
  hasCoding(value, 'verificationStatus', hl7('condition-ver-status'), ['entered-in-error']);

const sameCoding = (left: JsonObject, right: JsonObject): boolean =>
  left.system === right.system &&
  left.code === right.code &&
  left.version === right.version &&
  left.display === right.display &&
  left.userSelected === right.userSelected;

const answerable = ['choice', 'open-choice', 'decimal', 'integer', 'date', 'dateTime', 'time', 'string', 'quantity'];
const limited = ['boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice'];

/** Invariants of R4 resources that NHS senders use, each the meaning of the published FHIRPath of its key. */
export const resourceInvariants: Readonly<Record<string, NativeInvariant>> = {
  'ait-1': (value) => allergyError(value) || has(value, 'clinicalStatus'),
  'ait-2': (value) => !allergyError(value) || !has(value, 'clinicalStatus'),
  'app-1': anyOf('type', 'actor'),
  'app-2': (value) => has(value, 'start') === has(value, 'end'),
  'app-3': (value) =>
    (has(value, 'start') && has(value, 'end')) || isOneOf(value.status, 'proposed', 'cancelled', 'waitlist'),
  // Published with 'no-show', which is no code of its value set: the code is 'noshow' (mended in R5).
  'app-4': (value) => !has(value, 'cancelationReason') || isOneOf(value.status, 'noshow', 'no-show', 'cancelled'),
  'apr-1': anyOf('participantType', 'actor'),
  'sev-1': notBoth('name', 'query'),
  'cpl-3': notBoth('detail', 'reference'),
  'cmp-1': anyOf('text', 'entry', 'section'),
  'cmp-2': notBoth('emptyReason', 'entry'),
  'con-1': anyOf('summary', 'assessment'),
  'con-2': anyOf('code', 'detail'),
  'con-4': (value) =>
    !hasChoice(value, 'abatement') ||
    hasCoding(value, 'clinicalStatus', hl7('condition-clinical'), ['resolved', 'remission', 'inactive']),
  'con-5': (value) => !conditionError(value) || !has(value, 'clinicalStatus'),
  'ppc-1': (value) => has(value, 'policy', 'policyRule'),
  'ces-1': oneOf('category', 'productOrService'),
  'fhs-1': (value) => !hasChoice(value, 'age') || !hasChoice(value, 'born'),
  'fhs-2': (value) => hasChoice(value, 'age') || !has(value, 'estimatedAge'),
  'grp-1': (value) => !has(value, 'member') || value.actual === true,
  'imm-1': anyOf('documentType', 'reference'),
  'imr-1': anyOf('vaccineCode', 'targetDisease'),
  'lst-1': notBoth('emptyReason', 'entry'),
  'lst-2': (value) => value.mode === 'changes' || !objectsAt(value, 'entry').some((entry) => has(entry, 'deleted')),
  'lst-3': (value) => value.mode === 'working' || !objectsAt(value, 'entry').some((entry) => has(entry, 'date')),
  'mad-1': (value) => has(value, 'dose') || hasChoice(value, 'rate'),
  'mdd-1': ({ whenPrepared, whenHandedOver }) => mayBeOrdered(whenPrepared, whenHandedOver),
  'obs-6': (value) => !has(value, 'dataAbsentReason') || !hasChoice(value, 'value'),
  'obs-7': (value) => {
    if (value.component === undefined || !hasChoice(value, 'value')) return true;
    const own = codingsAt(value, 'code');
    return !objectsAt(value, 'component').some((component) =>
      codingsAt(component, 'code').some((coding) => own.some((one) => sameCoding(one, coding))),
    );
  },
  'org-1': (value) => countAt(value, 'identifier') + countAt(value, 'name') > 0,
  'pat-1': anyOf('name', 'telecom', 'address', 'organization'),
  'prr-1': needs('orderDetail', 'code'),
  'qrs-1': notBoth('answer', 'item'),
  'rqg-1': oneOf('resource', 'action'),
  'inv-1@Task': ({ authoredOn, lastModified }) => mayBeOrdered(authoredOn, lastModified),
  'que-1': (value) =>
    (value.type !== 'group' || has(value, 'item')) && (value.type !== 'display' || !has(value, 'item')),
  'que-3': (value) => value.type !== 'display' || !has(value, 'code'),
  'que-4': notBoth('answerOption', 'answerValueSet'),
  'que-5': (value) => isOneOf(value.type, ...answerable) || !has(value, 'answerValueSet', 'answerOption'),
  'que-6': (value) => value.type !== 'display' || !has(value, 'required', 'repeats'),
  'que-7': (value) => value.operator !== 'exists' || has(value, 'answerBoolean'),
  'que-8': (value) => !isOneOf(value.type, 'group', 'display') || !has(value, 'initial'),
  'que-9': (value) => value.type !== 'display' || !has(value, 'readOnly'),
  'que-10': (value) => isOneOf(value.type, ...limited) || !has(value, 'maxLength'),
  'que-11': notBoth('answerOption', 'initial'),
  // The sentence and the comment of enableBehavior say more than one, the expression says more than two: a slip.
  'que-12': (value) => countAt(value, 'enableWhen') <= 1 || has(value, 'enableBehavior'),
  'que-13': (value) => value.repeats === true || countAt(value, 'initial') <= 1,
};
