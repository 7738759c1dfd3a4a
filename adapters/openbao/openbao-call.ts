import { LakeError } from '../ports/errors';

export type OpenBaoBody = Readonly<Record<string, unknown>>;

/** One request to OpenBao's HTTP API; what was refused is said in the closed codes. Nothing is repeated. */
export async function callOpenBao(
  { address, answerTimeout }: { readonly address: string; readonly answerTimeout: number },
  method: string,
  path: string,
  body?: OpenBaoBody,
  token?: string,
): Promise<OpenBaoBody> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { ...(token === undefined ? {} : { 'x-vault-token': token }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerTimeout),
      redirect: 'error',
    });
    text = await response.text();
  } catch (cause) {
    throw new LakeError('Unavailable', 'The key service did not answer. Repeat later.', { cause });
  }
  if (!response.ok) throw refusalOf(response, text);
  try {
    return text === '' ? {} : (JSON.parse(text) as OpenBaoBody);
  } catch (cause) {
    throw new LakeError('Unavailable', 'The key service ended its answer too early. Repeat later.', { cause });
  }
}

function refusalOf({ status, headers }: Response, text: string): LakeError {
  const retryAfter = Number(headers.get('retry-after'));
  if (status === 429 || status >= 500)
    return new LakeError('Unavailable', 'The key service is busy, sealed or being restarted. Repeat later.', {
      ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
    });
  if (status === 401 || status === 403)
    return new LakeError(
      'PermissionDenied',
      'The key service refuses this function the key or the operation. Check its policy.',
    );
  // The server refuses a disabled key like a malformed call.
  if (status === 400 && text.includes('soft-deleted key'))
    return new LakeError('PermissionDenied', 'The key is disabled. Whoever keeps the keys can enable it again.');
  if (status === 404) return new LakeError('NotFound', 'The key service has no such key.');
  return new LakeError('InvalidArgument', 'The key service does not take the call as it is.');
}
