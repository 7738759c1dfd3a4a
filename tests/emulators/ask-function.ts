import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpRequests } from '../../adapters/http/http-requests';
import type { KnativeLake } from '../support/knative-lake';
import type { ServerHome } from './server-home';

let calls = 0;

/** Asks a function of a lake on servers, with a token of that account for that function: people ask the two desks so. */
export async function askFunction(
  { home, lake }: { readonly home: ServerHome; readonly lake: KnativeLake },
  account: string,
  name: string,
  request: unknown,
): Promise<unknown> {
  const tokenFile = join(tmpdir(), `lake-asking-${process.pid}-${calls++}`);
  writeFileSync(tokenFile, await home.callToken(account, name), { mode: 0o600 });
  return new HttpRequests({ address: lake.originOf(name), tokenFile }).ask(request).finally(() => rmSync(tokenFile));
}
