import { hasNhsCheckDigit } from '../../privacy/nhs-number';
import { Refusal } from '../refusal';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** X-Request-ID: a UUID, required; the idempotency key of the request (as the national demographics service has it). */
export function requestIdOf(headers: Headers): string {
  const value = headers.get('x-request-id');
  if (value === null || value === '') {
    throw Refusal.badRequest(
      'required',
      'The header X-Request-ID is missing. Send a new UUID with each request, the same one when you repeat it.',
    );
  }
  if (!uuid.test(value))
    throw Refusal.badRequest(
      'value',
      'The header X-Request-ID is not a UUID (RFC 9562), for example 60e0b220-8136-4ca5-ae46-1d97ef59d068.',
    );
  return value.toLowerCase();
}

/** X-Correlation-ID is mirrored to the sender; only a UUID is kept, as free text might say anything. */
export function correlationIdOf(headers: Headers): string | undefined {
  const value = headers.get('x-correlation-id');
  return value !== null && uuid.test(value) ? value.toLowerCase() : undefined;
}

const mediaType = (value: string): string => value.split(';', 1)[0]!.trim().toLowerCase();

/** Another release of FHIR by the parameter of its MIME type (https://hl7.org/fhir/R4/http.html#version-parameter). */
const otherRelease = (value: string): boolean => /;\s*fhirVersion\s*=(?!\s*"?4\.0(?:\.1)?"?\s*(?:[;,]|$))/i.test(value);

export const ndjsonTypes: readonly string[] = ['application/fhir+ndjson', 'application/x-ndjson', 'application/ndjson'];

/** 415 for what is not FHIR JSON; XML gets an answer of its own, since R4 knows it. */
export function checkContentType(headers: Headers, allowed: readonly string[]): void {
  const contentType = headers.get('content-type') ?? '';
  if (otherRelease(contentType))
    throw Refusal.of(415, 'not-supported', 'The lake takes FHIR R4: fhirVersion is 4.0, or is left out.');
  if (!['', 'identity'].includes((headers.get('content-encoding') ?? '').trim().toLowerCase()))
    throw Refusal.of(415, 'not-supported', 'The body must not be compressed: send it without Content-Encoding.');
  const given = mediaType(contentType);
  if (allowed.includes(given)) return;
  const xml = given.endsWith('xml') ? ' FHIR XML is not taken.' : '';
  throw Refusal.of(
    415,
    'not-supported',
    `The body must be FHIR R4 as ${allowed === ndjsonTypes ? 'NDJSON' : 'JSON'}: set Content-Type to ${allowed.join(' or ')}.${xml}`,
  );
}

/** 406 when the sender accepts none of the forms the lake answers in. */
export function checkAccept(headers: Headers): void {
  const accept = headers.get('accept');
  if (accept === null || accept === '') return;
  const types = accept.split(',').flatMap((one) => (otherRelease(one) ? [] : mediaType(one)));
  if (types.some((type) => ['*/*', 'application/*', 'application/fhir+json', 'application/json'].includes(type)))
    return;
  throw Refusal.of(
    406,
    'not-supported',
    'The lake answers in application/fhir+json, of FHIR R4. Accept it, or leave the Accept header out.',
  );
}

/** `Prefer: return=…` (RFC 7240); a write-only endpoint has no representation to give, so minimal is the default. */
export function wantsOutcome(headers: Headers): boolean {
  return /(?:^|[,;\s])return=OperationOutcome(?:$|[,;\s])/i.test(headers.get('prefer') ?? '');
}

/** Ten digits with a right check digit stand for a person wherever they stand in an address. */
export function refuseIdentifierInUrl(url: URL): void {
  let text: string;
  try {
    text = decodeURIComponent(`${url.pathname}${url.search}`);
  } catch {
    throw Refusal.badRequest('structure', 'The percent-encoding of the address is broken (RFC 3986 section 2.1).');
  }
  for (const [candidate] of text.matchAll(/(?<![0-9a-f])[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9a-f])/gi)) {
    if (!hasNhsCheckDigit(candidate.replace(/[ -]/g, ''))) continue;
    throw Refusal.badRequest(
      'security',
      'The address of the request holds what may be an NHS number. Person identifiers belong in the body, never in an address: gateways log it.',
    );
  }
}
