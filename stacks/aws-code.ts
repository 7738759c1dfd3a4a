import { join } from 'node:path';
import type { AwsCode } from '../components/function/aws-code';
import { checkCodeSizes } from './aws-code-size';
import { type DefinitionFolders, definitionsBeside, folderForm } from './aws-definitions';
import { ConfigError, optional, parsed } from './config-schema';

/** The definitions of a site are folders in the zips of the functions that read them. */
interface SignedCode extends DefinitionFolders {
  readonly bucket: string;
  /** Of AWS Signer: the site's own first, then those of whoever signs layers that it did not make. */
  readonly profileVersionArns: readonly [string, ...string[]];
  /** Version of the signed layer that holds the query engine. */
  readonly engineLayerArn: string;
  readonly objects: Readonly<Record<string, { readonly key: string; readonly version: string }>>;
}

const profileArn = /^arn:aws:signer:eu-west-2:[0-9]{12}:\/signing-profiles\/\w{2,64}\/\w{10}$/;
const layerArn = /^arn:aws:lambda:eu-west-2:[0-9]{12}:layer:[\w-]+:[0-9]+$/;
const is = (form: RegExp, value: unknown): boolean => typeof value === 'string' && form.test(value);

function checkSigned(value: unknown): SignedCode {
  const { fhirPackages = 'none', martDefinitions = 'none', ...code } = { ...(value as SignedCode) };
  const objects = Object.values(code.objects ?? {});
  const good =
    [fhirPackages, martDefinitions].every((one) => is(folderForm, one)) &&
    is(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, code.bucket) &&
    Array.isArray(code.profileVersionArns) &&
    code.profileVersionArns.length > 0 &&
    code.profileVersionArns.every((arn) => is(profileArn, arn)) &&
    is(layerArn, code.engineLayerArn) &&
    objects.every((one) => is(/^[\w./-]{1,512}$/, one?.key) && is(/^[\w.-]{1,1024}$/, one.version)) &&
    Object.keys(code).length === 4;
  if (!good) throw new RangeError('a bucket, profiles, a layer and objects');
  return value as SignedCode;
}

/** Where the code of the functions comes from. */
export const awsCodeSchema = {
  signedCode: optional(
    parsed(
      checkSigned,
      'a map { bucket, profileVersionArns, engineLayerArn, objects: { FUNCTION: { key, version } }, fhirPackages?, martDefinitions? }',
      'Zips that AWS Signer signed, one for each function of the lake: Lambda then refuses any other. Without it what the build made is uploaded.',
    ),
  ),
} as const;

const folder = join(__dirname, '..', 'dist', 'aws-lambda');

/**
 * The code of each function.
 *
 * @throws ConfigError naming every function without a signed zip, every zip of no function, and definitions of a site that are too large.
 */
export function codesOf(
  { signedCode, ...definitions }: { readonly signedCode: SignedCode | undefined } & DefinitionFolders,
  names: readonly string[],
): (name: string) => AwsCode {
  if (signedCode === undefined) {
    const codeOf = (name: string) => {
      const beside = definitionsBeside(name, definitions);
      return { kind: 'folder', folder: join(folder, name), beside } as const;
    };
    checkCodeSizes(Object.fromEntries(names.map((name) => [name, codeOf(name)])));
    return codeOf;
  }
  const { bucket, objects, profileVersionArns } = signedCode;
  const problems = [
    ...names.filter((name) => objects[name] === undefined).map((name) => `signedCode: no zip of the function ${name}`),
    ...Object.keys(objects).flatMap((name) => (names.includes(name) ? [] : ['signedCode: a zip of no function'])),
  ];
  if (problems.length > 0) throw new ConfigError(problems.map((one) => `${one}; allowed: ${names.join(', ')}`));
  return (name) => {
    const { key = '', version = '' } = objects[name] ?? {};
    return { kind: 'signed', bucket, key, objectVersion: version, profileVersionArns };
  };
}
