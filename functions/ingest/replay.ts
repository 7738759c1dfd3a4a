import { parseBody } from './http/parse-body';
import { type Interaction, messageOf, parseIfMatch, parseIfNoneExist, singleOf, transactionOf } from './interaction';
import type { QuarantinedMessage } from './quarantine';
import { Refusal } from './refusal';

/** The interaction a held message asked for, from the route it came by and its body as it was. */
export function interactionOf({ route, body }: Pick<QuarantinedMessage, 'route' | 'body'>): Interaction {
  const [method = '', path = '', condition = ''] = route.split(' ');
  const [type = '', id] = path.replace(/^.*\/FHIR\/R4\/?/, '').split('/');
  const bytes = Buffer.from(body, 'utf8');
  if (type === '') return transactionOf(parseBody(bytes, 'Bundle').resource);
  if (type === '$process-message') return messageOf(parseBody(bytes, 'Bundle').resource);
  const { resource } = parseBody(bytes, type);
  // A line of a bulk import: what it did is in the line alone.
  if (method === 'IMPORT')
    return singleOf(
      resource,
      type,
      typeof resource.id === 'string' ? { kind: 'upsert', id: resource.id } : { kind: 'create' },
    );
  if (method === 'POST') return singleOf(resource, type, parseIfNoneExist(type, condition));
  if (method === 'PUT' && id !== undefined)
    return singleOf(resource, type, { kind: 'update', id, ifMatch: parseIfMatch(condition, 'If-Match') });
  throw Refusal.badRequest('not-supported', 'The held message came by a route this version does not know.');
}
