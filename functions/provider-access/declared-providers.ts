import { isDeepStrictEqual } from 'node:util';
import type { JWK } from 'jose';
import { LakeError } from '../../adapters/ports/errors';
import type { AuditRecord } from '../audit/audit-record';
import { checkProvider, type NhsNumberHandling, type Provider, type ProviderRegister } from './provider-register';
import { checkPublicKeys } from './public-keys';

/** A provider as a stack's configuration declares it: public keys only. */
export interface DeclaredProvider {
  /** ODS code; in lower case it is the client id. */
  readonly ods: string;
  readonly name: string;
  /** A JWK Set (RFC 7517) of one key, or two during a rotation; absent where a site's issuer knows it by a secret. */
  readonly jwks?: { readonly keys: readonly JWK[] };
  /** @default ['system/*.cu'] */
  readonly scopes?: readonly string[];
  /** @default 'quarantine' */
  readonly nhsNumber?: NhsNumberHandling;
  /** Canonical URL of the profile its resources must meet when they name none. */
  readonly profile?: string;
}

/** Of a provider that is declared without scopes. */
export const everyScope: readonly string[] = ['system/*.cu'];

/** What `checkDeclaredProviders` allows, as a sentence's end. */
export const declaredProviderForm =
  '{ ods, name, jwks: { keys }, scopes?, nhsNumber?, profile? } with public keys only, each ODS code once';

const known = ['ods', 'name', 'jwks', 'scopes', 'nhsNumber', 'profile'];
const refused = (): LakeError => new LakeError('InvalidArgument', `A declared provider is ${declaredProviderForm}.`);

/** The client id under which a declared provider asks for tokens. */
export const declaredClientId = (ods: string): string => ods.toLowerCase();

/** @throws LakeError `InvalidArgument` where the list is not of the form above; no value is in its message. */
export function checkDeclaredProviders(value: unknown): readonly DeclaredProvider[] {
  if (!Array.isArray(value)) throw refused();
  const providers = value.map((item: unknown) => {
    const one = item as DeclaredProvider;
    if (typeof item !== 'object' || item === null || Object.keys(item).some((key) => !known.includes(key)))
      throw refused();
    if (typeof one.ods !== 'string' || typeof one.name !== 'string') throw refused();
    if (one.jwks !== undefined && !Array.isArray(one.jwks?.keys)) throw refused();
    checkProvider(providerOf(one));
    return one;
  });
  if (new Set(providers.map(({ ods }) => ods)).size < providers.length) throw refused();
  return providers;
}

/** Those that could not prove who they are to an issuer that knows providers by their keys, by number. */
export const withoutKeys = (providers: readonly DeclaredProvider[]): readonly number[] =>
  providers.flatMap(({ jwks }, index) => (jwks === undefined ? [index + 1] : []));

const providerOf = (
  { ods, name, jwks, scopes, nhsNumber, profile }: DeclaredProvider,
  clientId = declaredClientId(ods),
): Provider => ({
  clientId,
  ods,
  name,
  keys: jwks === undefined ? [] : checkPublicKeys(jwks.keys),
  scopes: scopes ?? everyScope,
  nhsNumberPolicy: nhsNumber ?? 'quarantine',
  ...(profile === undefined ? {} : { defaultProfile: profile }),
  disabled: false,
});

/**
 * Makes the register what is declared: new providers are registered, changed ones replaced, those no longer declared disabled. Whom
 * a person disabled stays so. What is right already is left alone, so that repeating it changes nothing and leaves no audit record.
 *
 * @param record the audit record of one change, by what was done
 * @param clientIds by ODS code, where a site's issuer made them up
 * @returns how many providers changed
 */
export async function applyDeclaredProviders(
  register: Pick<ProviderRegister, 'list' | 'register' | 'replace'>,
  declared: readonly DeclaredProvider[],
  record: (action: string) => AuditRecord,
  clientIds: Readonly<Record<string, string>> = {},
): Promise<number> {
  const listed = await register.list();
  const shutOut = new Set(listed.filter((one) => one.shutOut).map(({ ods }) => ods));
  const present = new Map(listed.map(({ created, shutOut: _, ...provider }) => [provider.ods, provider]));
  let changed = 0;
  for (const one of declared) {
    const provider = { ...providerOf(one, clientIds[one.ods]), disabled: shutOut.has(one.ods) };
    const before = present.get(provider.ods);
    present.delete(provider.ods);
    if (isDeepStrictEqual(before, provider)) continue;
    if (before === undefined) await register.register(provider, record('stack: register provider'));
    else await register.replace(provider, record('stack: change provider'));
    changed += 1;
  }
  for (const provider of present.values()) {
    if (provider.disabled) continue;
    await register.replace({ ...provider, disabled: true }, record('stack: disable provider'));
    changed += 1;
  }
  return changed;
}
