import { isLakeError, LakeError } from '../../../../adapters/ports/errors';
import { authoriserManifest } from '../../../provider-access/manifest';
import { TokenVerifier } from '../../../provider-access/token-verifier';
import { readHostEnvironment } from '../../host-environment';
import { logFailure } from '../../log-failure';
import { type AuthoriserAnswer, type AuthoriserEvent, authoriseInTime, Unauthorised } from '../authorise';
import type { LambdaContext } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tokenKeysOnLambda } from '../lambda-tokens';

/** The organisation is asked of the register by the function itself, for each request anew. */
const anyOrganisation = async () => ({ ods: 'not asked', disabled: false });

let verifier: TokenVerifier | undefined;

function makeVerifier(): TokenVerifier {
  const environment = readHostEnvironment(process.env);
  const { parts } = lambdaParts(environment);
  const { issuerKey } = parts.ports(authoriserManifest);
  const keys = tokenKeysOnLambda(environment, issuerKey.publicKey);
  const { verification } = environment.tokens;
  return new TokenVerifier(verification, keys, verification.claims.ods === undefined ? anyOrganisation : undefined);
}

export async function handler(
  event: AuthoriserEvent,
  context: Pick<LambdaContext, 'getRemainingTimeInMillis'>,
): Promise<AuthoriserAnswer> {
  try {
    verifier ??= makeVerifier();
    return await authoriseInTime(event, verifier, context.getRemainingTimeInMillis());
  } catch (error) {
    if (error instanceof Unauthorised) throw error;
    logFailure(error);
    throw isLakeError(error)
      ? new LakeError(error.code, error.message)
      : new LakeError('Unknown', 'The authoriser failed.');
  }
}
