import { LakeError } from '../ports/errors';

const answerTimeout = 5000;
const usualPort = '2773';

/**
 * A login from Secrets Manager, through the extension that AWS gives for Lambda: it answers on this machine, with the role of
 * the function (https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html). RDS keeps the
 * password of a database's first user in this form.
 *
 * @throws LakeError `PermissionDenied` when the role may not read it, `InvalidArgument` when it is no login, else `Unavailable`.
 */
export async function loginFromSecret(secretId: string): Promise<{ readonly user: string; readonly password: string }> {
  const { AWS_SESSION_TOKEN = '', PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = usualPort } = process.env;
  const query = new URLSearchParams({ secretId });
  let response: Response;
  let text: string;
  try {
    response = await fetch(`http://localhost:${PARAMETERS_SECRETS_EXTENSION_HTTP_PORT}/secretsmanager/get?${query}`, {
      headers: { 'X-Aws-Parameters-Secrets-Token': AWS_SESSION_TOKEN },
      signal: AbortSignal.timeout(answerTimeout),
      redirect: 'error',
    });
    text = await response.text();
  } catch (cause) {
    throw new LakeError('Unavailable', 'The secrets extension did not answer. Add its layer to the function.', {
      cause,
    });
  }
  // The extension passes on what the service refused as 400, and 403 for a wrong session token.
  if (response.status === 400 || response.status === 403)
    throw new LakeError('PermissionDenied', 'The secret is not there, or the role of the function may not read it.');
  if (!response.ok)
    throw new LakeError('Unavailable', 'The secrets extension could not fetch the secret. Repeat later.');
  const login = loginIn(text);
  if (login === undefined)
    throw new LakeError('InvalidArgument', 'The secret is no login: JSON with username and password, as RDS makes it.');
  return login;
}

function loginIn(text: string): { readonly user: string; readonly password: string } | undefined {
  try {
    const { SecretString } = JSON.parse(text) as { readonly SecretString?: string };
    const { username, password } = JSON.parse(SecretString ?? '') as Readonly<Record<string, unknown>>;
    return typeof username === 'string' && typeof password === 'string' ? { user: username, password } : undefined;
  } catch {
    return undefined;
  }
}
