import type { FunctionBinding } from '../../adapters/bindings';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
import { ownIssuer, readTokenSource, type TokenSource } from '../provider-access/token-source';

/** What a component puts into a container's environment; nothing else is read from it. */
export interface HostEnvironment {
  /** The name of the manifest this process serves. */
  readonly function: string;
  readonly binding: FunctionBinding;
  /** Where senders reach the ingestion API, without a path. */
  readonly origin: string;
  /** Where the token endpoint stands, without a path. */
  readonly issuer: string;
  /** Whose tokens are taken: those of the lake's own issuer, its keys fetched inside the cluster, or of one that a site has. */
  readonly tokens: TokenSource;
  /** By the ARN of a role of AWS, the client id of the provider that it stands for. */
  readonly signers: Readonly<Record<string, string>>;
  readonly requestsPerMinute: number;
  /** A folder with FHIR packages, an unpacked folder each. */
  readonly packagesFolder: string | undefined;
  /** A folder with definitions of marts, a folder each, in place of those that ship. */
  readonly martsFolder: string | undefined;
  /** JSON by which records expire (functions/retention); without it nothing does. */
  readonly retentionSchedule: string | undefined;
  readonly port: number;
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

/** Reads and checks the environment once; every problem at once, each naming its variable, none repeating a value. */
export function readHostEnvironment(variables: Readonly<Record<string, string | undefined>>): HostEnvironment {
  const problems: string[] = [];
  const read = (name: string, check: (text: string) => boolean, allowed: string, byDefault?: string): string => {
    const text = variables[name] ?? byDefault;
    if (text === undefined || !check(text))
      problems.push(`${name}: ${text === undefined ? 'missing; ' : ''}${allowed}`);
    return text ?? '';
  };
  const wholeNumber = (text: string): boolean => /^[1-9][0-9]{0,8}$/.test(text);
  const name = read('LAKE_FUNCTION', (text) => /^[a-z-]+$/.test(text), 'the name of a function, for example ingest');
  const bindingText = read('LAKE_BINDING', isJsonObject, 'a JSON object with one binding for each port');
  const origin = read('LAKE_ORIGIN', isOrigin, 'an origin such as https://lake.example.nhs.uk', 'http://localhost');
  const issuer = read('LAKE_ISSUER', isOrigin, 'an origin such as https://lake.example.nhs.uk', origin);
  const jwksUrl = read('LAKE_JWKS_URL', URL.canParse, 'an absolute address', `${issuer}/oauth2/jwks`);
  const perMinute = read('LAKE_REQUESTS_PER_MINUTE', wholeNumber, 'a whole number', '6000');
  const signers = read('LAKE_SIGNERS', isJsonObject, 'a JSON object with a client id for each role', '{}');
  const port = read('PORT', (text) => /^[0-9]{1,5}$/.test(text), 'a port number', '8080');
  const baseUrl = `${origin}/FHIR/R4`;
  const tokens = tokensOf(variables.LAKE_TOKENS, baseUrl, (problem) => problems.push(`LAKE_TOKENS: ${problem}`));
  if (problems.length > 0)
    throw new LakeError('InvalidArgument', `The environment of this host is not right:\n - ${problems.join('\n - ')}`);
  return {
    function: name,
    binding: JSON.parse(bindingText) as FunctionBinding,
    origin,
    issuer,
    tokens: tokens ?? ownIssuer(issuer, baseUrl, jwksUrl),
    signers: JSON.parse(signers) as Readonly<Record<string, string>>,
    requestsPerMinute: Number(perMinute),
    packagesFolder: variables.LAKE_PACKAGES,
    martsFolder: variables.LAKE_MARTS,
    retentionSchedule: variables.LAKE_RETENTION,
    port: Number(port),
  };
}

function tokensOf(
  text: string | undefined,
  baseUrl: string,
  refuse: (problem: string) => void,
): TokenSource | undefined {
  if (text === undefined) return undefined;
  try {
    return readTokenSource(text, baseUrl);
  } catch (error) {
    if (!isLakeError(error)) throw error;
    refuse(error.message);
    return undefined;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
