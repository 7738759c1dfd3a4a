/**
 * Stands in the bundles for the SDK's chain of credential providers (functions/cli/build.js). Lambda gives the role's
 * credentials in the environment (Lambda Developer Guide, "Defined runtime environment variables"), so profiles, single
 * sign-on, other processes and metadata services are neither carried nor ever asked.
 *
 * @public named by the build
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined)
    throw Object.assign(new Error('The environment holds no credentials.'), { name: 'CredentialsProviderError' });
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
  };
};
