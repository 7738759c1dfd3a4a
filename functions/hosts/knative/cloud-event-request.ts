import { LakeError } from '../../../adapters/ports/errors';
import type { LakeEvent } from '../../../adapters/ports/events';
import { checkCloudEvent } from '../cloud-event';

/**
 * Reads a CloudEvent from an HTTP request (CloudEvents HTTP protocol binding 1.0.2): attributes in `ce-` headers with the
 * data as body, or the whole event as `application/cloudevents+json`.
 */
export async function readCloudEvent(request: Request): Promise<LakeEvent> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  let body: unknown;
  try {
    body = await request.json();
  } catch (cause) {
    throw new LakeError('InvalidArgument', 'The body of an event is not JSON.', { cause });
  }
  const attributes: Record<string, unknown> =
    type === 'application/cloudevents+json' && typeof body === 'object' && body !== null
      ? { ...(body as Record<string, unknown>) }
      : { ...headerAttributes(request.headers), data: body };
  return checkCloudEvent(attributes);
}

/** Header values are percent-encoded where they are not plain ASCII (section 3.1.3.2 of the binding). */
function headerAttributes(headers: Headers): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  headers.forEach((value, name) => {
    if (!name.startsWith('ce-')) return;
    try {
      attributes[name.slice(3)] = decodeURIComponent(value);
    } catch {
      attributes[name.slice(3)] = value;
    }
  });
  return attributes;
}
