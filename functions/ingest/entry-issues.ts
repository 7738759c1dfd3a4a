import type { OperationOutcomeIssue } from '../fhir/operation-outcome';
import type { ValidateOptions, Validator } from '../fhir/validator';
import type { IngestRequest, Sender } from './ingest-request';
import { Refusal } from './refusal';

/** What the validator says of each entry of a request, in their order. */
export type EntryIssues = readonly (readonly OperationOutcomeIssue[])[];

type Judged = Pick<IngestRequest, 'interaction' | 'sender'>;

/**
 * The issues of each entry. What is submitted is checked whole, as its rules are about the whole; one fault refuses it. In a
 * batch a fault inside an entry's resource refuses that entry alone.
 *
 * @throws Refusal 422 when the request is refused whole.
 */
export function entryIssues(validator: Validator, { interaction, sender }: Judged): EntryIssues {
  const { atomic, whole, entries } = interaction;
  const options = validateOptions(sender);
  const issues = validator
    .validate(whole, options)
    .filter((issue) => atomic || !inEntry.test(issue.expression?.[0] ?? ''))
    .filter(isToMend);
  if (issues.some(isFault)) throw new Refusal(422, issues);
  if (atomic) return entries.map(() => []);
  return entries.map(({ resource, path }) =>
    validator
      .validate(resource, options)
      .filter(isToMend)
      .map((issue) => ({
        ...issue,
        expression: (issue.expression ?? []).map((text) => rebase(text, String(resource.resourceType), path)),
      })),
  );
}

/**
 * What could be better in each entry of an accepted request: the lake's own rules, codes that could not be decided, profiles
 * that are not known. Says the same of the same request, whenever it is asked.
 */
export function entryAdvice(validator: Validator, { interaction, sender }: Judged): EntryIssues {
  const options = { ...validateOptions(sender), advise: true };
  return interaction.entries.map(({ resource }) =>
    validator.validate(resource, options).filter((issue) => !isFault(issue)),
  );
}

/**
 * An unknown modifier extension (code `extension`) is no reason to refuse: the split holds such a resource in quarantine, where
 * a person decides and nothing is lost.
 */
export const isFault = ({ severity, code }: OperationOutcomeIssue): boolean =>
  (severity === 'error' || severity === 'fatal') && code !== 'extension';

const validateOptions = ({ defaultProfile }: Sender): ValidateOptions =>
  defaultProfile === undefined ? {} : { defaultProfiles: [defaultProfile] };

/** An issue of the resource of an entry, not of the Bundle or the entry itself. */
const inEntry = /^Bundle\.entry\[\d+\]\.resource/;

/** A refusal says what to mend; what cannot be decided here is told whoever asks for advice. */
const isToMend = ({ severity }: OperationOutcomeIssue): boolean => severity !== 'information';

/** An issue of a resource inside a Bundle names the element from the Bundle's root. */
const rebase = (expression: string, type: string, path: string): string =>
  expression.startsWith(type) ? `${path}${expression.slice(type.length)}` : `${path}.${expression}`;
