import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';
import { lakeFolder } from '../hosts/local/lake-folder';
import { lockLake } from '../hosts/local/lake-lock';
import { LakeParts } from '../hosts/local/lake-parts';
import type { IdentityInput, IdentityOperation, IdentityResult } from '../hosts/local/local-identity';
import { Operator } from '../hosts/local/operator';
import {
  type OperatorArguments,
  type OperatorMethod,
  type OperatorResult,
  performOperation,
} from '../hosts/local/operator-records';
import { callOperator, type LakeAddress } from '../hosts/local/operator-socket';
import type { ProviderCredentials } from '../provider-access/client-assertion';
import { readJsonFile } from './json-file';
import { operateStack } from './stack-operator';
import { type Options, textOption, UsageError } from './verb';

/** Where a lake listens when nothing else is said. */
export const defaultPort = 8080;

/** The --port of this call, if it has one. */
export function portOption(options: Options): number | undefined {
  const text = textOption(options, 'port');
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65535) throw new UsageError('--port is a number from 0 to 65535.');
  return port;
}

export const dataFolder = (options: Options): string => textOption(options, 'data') ?? process.env.LAKE_DATA ?? '.lake';

/**
 * Asks a deployed lake where --stack names one; else the running lake over its socket; when none runs, opens the data under an
 * exclusive lock and does it here.
 */
export async function operate<Method extends OperatorMethod>(
  options: Options,
  method: Method,
  ...args: OperatorArguments<Method>
): Promise<OperatorResult<Method>> {
  if (textOption(options, 'stack') !== undefined)
    return (await operateStack(options, method, args)) as OperatorResult<Method>;
  const folder = lakeFolder(dataFolder(options));
  const answer = await callOperator(folder.socket, method, args);
  if (answer !== undefined) return answer.result as OperatorResult<Method>;
  // A provider may be registered before the first start; whatever else is asked of no lake has the wrong folder.
  if (method !== 'registerProvider' && !existsSync(folder.database.lake))
    throw new LakeError(
      'NotFound',
      'There is no lake in this folder yet. Start one with `lake up`, or name its folder with --data or LAKE_DATA.',
    );
  const unlock = lockLake(folder.lock);
  const parts = new LakeParts(folder);
  try {
    await parts.prepare();
    return await performOperation(new Operator(parts), method, args);
  } finally {
    await parts.close();
    unlock();
  }
}

/** The same for what is done inside the identity zone. */
export function operateIdentity<Name extends IdentityOperation>(
  options: Options,
  name: Name,
  input: IdentityInput<Name>,
): Promise<IdentityResult<Name>> {
  return operate(options, 'identity', name, input) as Promise<IdentityResult<Name>>;
}

/** Where the lake listens: LAKE_URL or --port say so, else the socket of its data folder tells. */
export async function lakeAddress(options: Options): Promise<LakeAddress> {
  const port = portOption(options);
  const given = process.env.LAKE_URL ?? (port === undefined ? undefined : `http://127.0.0.1:${port}`);
  if (given !== undefined) {
    if (!/^https?:$/.test(URL.parse(given)?.protocol ?? ''))
      throw new UsageError('LAKE_URL is the address of a lake, for example http://127.0.0.1:8080.');
    const { origin } = new URL(given);
    return { origin, baseUrl: `${origin}/FHIR/R4` };
  }
  const answer = await callOperator(lakeFolder(dataFolder(options)).socket, 'address', []);
  if (answer === undefined)
    throw new LakeError(
      'Unavailable',
      'No lake runs on this data. Start one with `lake up`, or say where it is: LAKE_URL or --port.',
    );
  return answer.result as LakeAddress;
}

/** The credentials of a provider registered here, by its ODS code; or of a file that holds them. */
export function credentialsOf(options: Options, provider: string): ProviderCredentials {
  const file = provider.endsWith('.json')
    ? provider
    : join(lakeFolder(dataFolder(options)).credentials, `${provider}.json`);
  if (!existsSync(file)) {
    throw new LakeError(
      'NotFound',
      'There are no credentials of this provider here. Register it with `lake provider register`, or name the file of its credentials.',
    );
  }
  return readJsonFile(file) as ProviderCredentials;
}
